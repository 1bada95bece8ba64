# A target that needs itself.
a: a b
	@echo '$^'
b: ;
