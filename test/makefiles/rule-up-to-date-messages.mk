# What make says when there is nothing to do.
#args: a
#args: b
#args: c
#args: a b c
#file: a
#file: c
a:
	@echo never
b: ;
