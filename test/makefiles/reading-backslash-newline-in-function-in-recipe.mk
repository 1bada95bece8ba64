# A backslash-newline inside a function call in a recipe is folded by the expansion.
all:
	@echo $(subst x,y,xx \
	  xx   \
	xx)
