# Too few arguments stop make.
all:
	@echo $(subst a,b)
