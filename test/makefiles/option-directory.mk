# -C goes there first, several are joined, and it says so.
#args: -C a -C b
#args: -C a/b --no-print-directory
#args: --directory=a/b -s
#args: -C missing
#file: a/b/Makefile
#+all:
#+	@echo in '$(CURDIR)'
