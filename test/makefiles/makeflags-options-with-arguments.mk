# Options with arguments follow, long ones after them.
#args: -I inc -k --trace -r -B --no-silent -O -l 3 -W x -o y
all:
	@echo '[$(MAKEFLAGS)]'
