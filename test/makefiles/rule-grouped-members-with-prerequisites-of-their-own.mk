# Prerequisites that other rules give to members of a group.
#args: all
#args: t1
#file: a
#file: b
t1 all &: c ; @echo '$@ $^'
all: a
t1: b
c: ; @echo c
