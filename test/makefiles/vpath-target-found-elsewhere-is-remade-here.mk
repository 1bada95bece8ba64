# A target found through VPATH and out of date is made under its plain name.
#file: build/a.o@1
#file: a.c@10
VPATH = build
all: a.o
	@echo all from $^
a.o: a.c
	cp $< $@
