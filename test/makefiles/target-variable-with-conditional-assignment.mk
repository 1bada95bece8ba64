# ?= on a target looks at the target's value first.
A = global
all: A ?= target
b: B ?= target
all: b ; @echo $(A)
b: ; @echo $(B)
