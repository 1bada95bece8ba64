# -e stands in MAKEFLAGS.
#args: -e
all: ; @echo '[$(MAKEFLAGS)]'
