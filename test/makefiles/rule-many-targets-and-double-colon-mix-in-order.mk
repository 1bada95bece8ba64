# Double-colon rules of one target run in the order they were written.
all:: a ; @echo one $^
all:: b ; @echo two $^
all:: ; @echo three
a b: ; @echo $@
