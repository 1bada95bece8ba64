# A static pattern rule without a pattern.
a.o: : %.c ; @echo no
