# A recipe line after a variable, behind a rule, is still a recipe line.
all:
A = 1
	@echo $(A)
