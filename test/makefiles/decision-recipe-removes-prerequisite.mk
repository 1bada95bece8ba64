# A prerequisite that a recipe removes.
#file: a@20
#file: out@10
out: a b ; @echo '$? $^'
b: ; @rm a
