# The rule of a file read with -include may fail.
-include gen.mk
all:
	@echo reached
gen.mk:
	false
