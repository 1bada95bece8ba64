# -l lets one job run however high the load is.
#args: -j4 -l 0.0001
all: a b
a b: ; @echo $@
