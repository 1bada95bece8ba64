# Only one target pattern.
a.o: %.o %.x: %.c ; @echo no
