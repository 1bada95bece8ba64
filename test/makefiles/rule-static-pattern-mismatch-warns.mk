# A target that does not match is told and made without it.
all: a.o b.x
a.o b.x: %.o: %.c
	@echo $@ '$<'
a.c: ;
