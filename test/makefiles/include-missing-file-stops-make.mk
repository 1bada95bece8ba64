# An included file that is missing and that no rule makes stops make.
include missing.mk
all:
	@echo not reached
