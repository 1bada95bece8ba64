# Of equal rules the first whose prerequisites exist is taken.
#file: a.two
a.out:
%.out: %.one ; @echo one
%.out: %.two ; @echo two
%.out: ; @echo none
