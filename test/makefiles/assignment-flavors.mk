# Recursive values are expanded when used, simple ones when set.
X = 1
R = $(X)
S := $(X)
P ::= $(X)
I :::= $(X)
X = 2
all:
	@echo $(R) $(S) $(P) $(I)
	@echo $(flavor R) $(flavor S) $(flavor P) $(flavor I) $(flavor undefined)
