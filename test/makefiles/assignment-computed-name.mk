# The name on the left is expanded.
N = foo
$(N)_x = 1
$(N)_$(N) := 2
all:
	@echo $(foo_x) $(foo_foo) $($(N)_x)
