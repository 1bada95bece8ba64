# A tab line that is neither, with no rule before it, is an error.
	echo hello
all:
	@echo no
