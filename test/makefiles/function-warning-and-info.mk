# $(warning) has file and line, $(info) has not.
$(warning look out)
$(info plain)
A := $(warning in a value)x
all:
	@echo $(warning in a recipe)$(info info)done
