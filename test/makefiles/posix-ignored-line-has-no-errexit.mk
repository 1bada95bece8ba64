.POSIX:
all: one two
one: ; @-false; echo on
two: ; -@false; echo never; echo '$(.SHELLFLAGS)'
three: SHELL = /bin/sh
three: ; @false; echo never
