# With .ONESHELL only the last command's status counts, unless -e is given.
#args:
#args: -f e.mk
#file: e.mk
#+.ONESHELL:
#+.SHELLFLAGS = -ec
#+all:
#+	false
#+	echo not reached
.ONESHELL:
all:
	false
	echo reached
