# .SHELLFLAGS replaces -c.
.SHELLFLAGS = -e -c
all:
	@false; echo not reached
