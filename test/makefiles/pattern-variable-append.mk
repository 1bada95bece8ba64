# += in pattern-specific variables adds to the global value.
F = global
%.o: F += o
a.o: F += a
all: a.o
a.o:
	@echo $(F)
