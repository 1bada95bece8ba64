# With GPATH a target found elsewhere is remade there.
#file: build/a.o@1
#file: a.c@10
VPATH = build
GPATH = build
all: a.o
	@echo all from $^
a.o: a.c
	cp $< $@
