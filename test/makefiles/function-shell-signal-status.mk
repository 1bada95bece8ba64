# .SHELLSTATUS of a command that a signal ended.
A := $(shell kill -9 $$$$)
$(info $(.SHELLSTATUS))
all: ;
