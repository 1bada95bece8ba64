# vpath directives are searched in order, before VPATH.
#file: one/f.c = one
#file: two/f.c = two
#file: three/g.c = three
vpath %.c two
vpath f% one
VPATH = three
all: f.c g.c
	@cat $^
