# Each line sees the automatic variables of its own target.
all: a b ; @echo '$@: $^'
a: ; @echo '$@: $^'
b: a ; @echo '$@: $^'
