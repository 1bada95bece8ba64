# vpath with a pattern only clears it.
#file: src/a.c
vpath %.c src
vpath %.c
all: a.c
	@echo $^
