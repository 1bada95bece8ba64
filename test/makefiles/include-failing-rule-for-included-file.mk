# When the rule of an included file fails make stops.
include gen.mk
all:
	@echo not reached
gen.mk:
	false
