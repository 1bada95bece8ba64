# The built-in C rules.
#file: a.c
#args: -n a.o
#args: -n a
#args: -n a.o CC=cc CFLAGS='-O2 -g' CPPFLAGS=-DX
