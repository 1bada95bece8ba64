# A conditional may stand between the lines of a recipe.
A = yes
all:
	@echo one
ifeq ($(A),yes)
	@echo two
else
	@echo three
endif
	@echo four
