# The stem of a static pattern rule has the directory.
all: sub/foo.o
sub/foo.o: %.o: %.c
	@echo $@ $< $*
sub/foo.c: ;
