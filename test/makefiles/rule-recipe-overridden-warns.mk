# A second recipe replaces the first, with two warnings.
all:
	@echo first
all:
	@echo second
