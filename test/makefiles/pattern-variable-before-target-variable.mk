# A target's own variable wins over its pattern's.
a.o: V = target
%.o: V = pattern
a.o b.o:
	@echo $@ $(V)
all: a.o b.o
.DEFAULT_GOAL = all
