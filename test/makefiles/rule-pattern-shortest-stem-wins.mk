# The rule with the shortest stem wins.
#file: foo.c
#file: lib/foo.c
all: foo.o lib/foo.o
%.o: %.c
	@echo general $@
lib/%.o: lib/%.c
	@echo lib $@ $*
