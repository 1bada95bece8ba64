# ::: = expands at once, and keeps dollar signs for the next expansion.
D := $$
X = a$(D)b
I :::= $(X)
$(info [$(value I)] [$(I)])
I += $(X)
X = changed
$(info [$(value I)])
all: ;
