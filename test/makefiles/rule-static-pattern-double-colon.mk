# Double-colon static pattern rules.
all: a.o b.o
a.o b.o:: %.o: %.c ; @echo one $@ $<
a.o:: extra ; @echo two $@ $<
a.c b.c extra: ;
