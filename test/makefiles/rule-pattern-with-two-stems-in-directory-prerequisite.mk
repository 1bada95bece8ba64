# A prerequisite with its own directory.
#file: src/a.c
#args: obj/a.o
obj/%.o: src/%.c ; @echo $@ $< $*
