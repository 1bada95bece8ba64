# A built-in rule is cancelled in the same way.
#file: a.c
#args: a.o
%.o: %.c
