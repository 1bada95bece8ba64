#args:
# The parts of a target's appended variable are expanded in the order in which they stand in the value.
A = $(info global)1
all: A += $(info own)3
a%: A += $(info pattern)2
all: ; @echo $(A)
