# A variable of the environment that the makefile sets reaches recipes with the new value.
#env: A=old
A = new
B = unexported
all:
	@echo "$$A" "[$$B]"
