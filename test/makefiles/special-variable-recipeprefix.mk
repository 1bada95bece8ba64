# .RECIPEPREFIX replaces the tab.
.RECIPEPREFIX = >
all:
> @echo one
>@echo two
.RECIPEPREFIX =
other:
	@echo tab
