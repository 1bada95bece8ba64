# Archive members as targets and prerequisites.
#file: a.o
#file: b.o
#args: -r
#args: -r
.PHONY: all
all: lib.a(a.o) lib.a(b.o)
lib.a(a.o b.o): lib.a(%.o): %.o
	@echo 'add $% to $@ from $<'; ar rcU $@ $<
