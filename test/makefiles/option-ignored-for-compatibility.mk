# -b and -m are read and ignored.
#args: -b -m
all: ; @echo '[$(MAKEFLAGS)]'
