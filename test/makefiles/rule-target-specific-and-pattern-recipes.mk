# A target-specific variable counts in a pattern rule's recipe.
#file: x.c
#file: y.c
F = global
x.o: F = special
all: x.o y.o
%.o: %.c ; @echo $@ $(F)
