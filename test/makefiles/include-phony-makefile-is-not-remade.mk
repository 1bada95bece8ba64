# A makefile that is phony is not remade.
#file: gen.mk = VALUE = 1
include gen.mk
.PHONY: gen.mk
all:
	@echo VALUE $(VALUE)
gen.mk:
	@echo never run
