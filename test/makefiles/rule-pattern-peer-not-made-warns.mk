# A peer that the recipe does not make.
#file: a.y
#args:
all: a.c1 a.h1
%.c1 %.h1: %.y
	touch $*.c1
