# Target-specific variables of every flavor.
X = x
T = global
one: T := $(X)1
two: T = $(X)2
three: T += 3
four: T ?= 4
five: U ?= 5
X = y
all: one two three four five
one two three four five:
	@echo $@ $(T) $(U)
