# Variables of the command line are in MAKEOVERRIDES and MAKEFLAGS.
#args: B='x y' A=1
all:
	@echo '[$(MAKEOVERRIDES)] [$(MAKEFLAGS)]'
