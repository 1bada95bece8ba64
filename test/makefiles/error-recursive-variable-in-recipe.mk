# A recursive variable in a recipe is told with the place of the variable.
A = $(A)
all:
	@echo ok
	@echo $(A)
