# Options may be added to MAKEFLAGS in the makefile.
MAKEFLAGS += -s --no-print-directory
$(info [$(MAKEFLAGS)])
all:
	echo '[$(MAKEFLAGS)]'
