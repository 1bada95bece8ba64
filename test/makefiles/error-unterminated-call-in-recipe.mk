# An unterminated call in a recipe.
all:
	@echo $(subst a,b,c
