# A target-specific variable with an empty name.
all: = x
	@echo no
