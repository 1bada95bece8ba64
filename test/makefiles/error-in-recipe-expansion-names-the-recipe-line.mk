# A mistake in a recipe's expansion is told with the recipe's line.
all:
	@echo one
	@echo $(word x,y)
