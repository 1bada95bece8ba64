# With -n lines with $(MAKE) or a plus sign run.
#args: -n
#file: sub.mk
#+all: ; echo in sub
all:
	echo not run
	$(MAKE) -f sub.mk
	+echo run
	@+echo quietly
