#args: -r -k dee.o
#args: -r dee.c
#args: -r see.o
#file: dee.c
# What a static pattern rule has as prerequisite is taken for a file that ought to exist, also before that rule is looked at.
dee.z: %.z: %.y
see.o: %.o: %.y
%.o: %.c ; @echo $@
%.c: %.y ; @echo $@
Makefile: ;
