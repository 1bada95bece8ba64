# Which member of a group needs a missing file.
#args: all
#args: t1
#args: -k all t1
t1 all &: ; @echo $@
all prog: eff.h
