# A dollar sign at the end of a line.
all:
	@echo a$
