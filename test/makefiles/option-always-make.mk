# -B remakes all.
#args: -B
#file: a@100
#file: b@1
a: b ; @echo making $@
b: ; @echo making $@
