# Under -n the lines that are run all the same have one environment, expanded for the first of them.
#args: -n all
export V = $(info expanded)v
all:
	+echo 1 $$V
	echo 2
	+echo 3 $$V
