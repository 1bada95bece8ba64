# The default goal is the first target that does not start with a dot and is no pattern.
.hidden:
	@echo hidden
%.x:
	@echo pattern
./dotslash:
	@echo dotslash
first:
	@echo first
