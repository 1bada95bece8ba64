# All rules of a missing target run, in order.
a:: ; @echo one
a:: ; @echo two
a:: b ; @echo three $^
b: ; @echo b
