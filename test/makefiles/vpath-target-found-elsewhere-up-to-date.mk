# A target found through VPATH that is new enough keeps the found name.
#file: build/a.o@20
#file: a.c@10
VPATH = build
all: a.o
	@echo all from $^
a.o: a.c
	cp $< $@
