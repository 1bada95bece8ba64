# What a recipe sees of MAKELEVEL and MAKEFLAGS.
#args: -k
all:
	@echo "$$MAKELEVEL [$$MAKEFLAGS] [$$MFLAGS]"
