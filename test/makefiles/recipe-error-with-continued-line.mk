# The line of a failing recipe is that of its first physical line.
all:
	@echo one
	@true; \
	exit 5
