# A goal given twice is made once.
#args: a a b a
a b: ; @echo $@
