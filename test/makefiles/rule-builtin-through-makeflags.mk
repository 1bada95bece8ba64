# MAKEFLAGS += -rR removes built-ins from within the makefile.
#file: a.c
#args: a.o
MAKEFLAGS += -rR
$(info [$(CC)])
all: ; @echo '[$(CC)]'
