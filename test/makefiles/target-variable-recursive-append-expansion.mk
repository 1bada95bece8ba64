# A recursive target value expands when it is used.
A = one
all: A += $(B)
B = late
all: ; @echo $(A)
