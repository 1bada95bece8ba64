#args: -r a.four x[y].o
#args: -r a.five
#args: -r a.six
#file: a.two@0
#file: a.three@0
#file: x[y].c@0
#file: xy.c@0
#file: zone@0
%.four: %.t* z* ; @echo $@: $(sort $^)
%.o: %.c ; @echo $@: $^
%.five: %.n* ; @echo never
%.six: z[o]* | a.t* ; @echo $@: $^ '|' $(sort $|)
