# With -e the environment wins over the makefile.
#env: A=environment
#args:
#args: -e
A = file
B = $(A)
all:
	@echo $(A) $(B) $(origin A)
