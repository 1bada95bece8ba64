# -q of a sub-make.
#args: -q
#file: sub.mk
#+all: ; echo would run
all:
	+$(MAKE) -f sub.mk
