# vpath finds prerequisites elsewhere, $< is where.
#file: src/a.c
#file: inc/a.h
vpath %.c src
vpath %.h inc other
all: a.o
a.o: a.c a.h
	@echo $< $^
