# A file named by -W counts as there, for implicit rules too.
#args: -r -n -W a.c a.o
#args: -r -o b.c b.o
#args: -r -n c.o
%.o: %.c ; compile $<
