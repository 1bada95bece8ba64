# .SUFFIXES without names disables the built-in suffix rules.
#file: a.c
#args: a.o
.SUFFIXES:
%.o: %.s ; @echo no
