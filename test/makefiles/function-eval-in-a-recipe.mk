# $(eval) in a recipe sets variables when the recipe is expanded.
all:
	@echo before '$(A)'
	$(eval A = set)
	@echo after '$(A)'
