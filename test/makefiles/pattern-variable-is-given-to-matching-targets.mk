# Pattern-specific variables; the more specific one wins.
%.o: F = any
lib%.o: F = lib
all: a.o libb.o c
a.o libb.o c:
	@echo $@ [$(F)]
