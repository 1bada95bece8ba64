# A makefile that is a double-colon target without prerequisites is not remade.
#file: gen.mk = VALUE = 1
include gen.mk
all:
	@echo VALUE $(VALUE)
gen.mk::
	@echo never run
