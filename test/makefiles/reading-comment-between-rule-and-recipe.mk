# Comments and empty lines may stand between a rule and its recipe.
all:
# a comment

	@echo one
   # indented comment

	@echo two
