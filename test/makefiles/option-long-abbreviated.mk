# Long options may be shortened while they are unique.
#args: --just --keep
#args: --no-pr -w
#run: $MAKE --no 2>&1 | sed 1q
all: ; echo '[$(MAKEFLAGS)]'
