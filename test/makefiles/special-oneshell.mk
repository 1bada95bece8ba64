# With .ONESHELL the whole recipe is one script.
.ONESHELL:
all:
	@x=1
	y=2
	echo $$x $$y
	-@+echo '@'
