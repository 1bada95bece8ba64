# Wildcards in prerequisites and targets are expanded, sorted.
#file: b.c
#file: a.c
#file: c.h
all: *.c [abc].h none*.x
	@echo '$^'
none*.x: ;
