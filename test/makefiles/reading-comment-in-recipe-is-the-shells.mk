# A number sign in a recipe line is left to the shell.
all:
	@echo one # two
	# three
