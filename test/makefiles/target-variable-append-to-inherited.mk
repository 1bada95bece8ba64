# += on a target adds to what it inherits.
A = global
all: A += all
all: dep
dep: A += dep
dep:
	@echo $(A)
all:
	@echo $(A)
