# A circle through explicit rules and a goal within it.
#args: b
a: b ; @echo $@
b: c ; @echo $@
c: b a ; @echo $@
