# $(eval) in a recipe expands with the target's variables.
all: x y
x y:
	$(eval last := $@)
	@echo $(last)
