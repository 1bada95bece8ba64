# An error ends the recipe and tells the line of the makefile.
all:
	@echo one
	@exit 5
	@echo never
