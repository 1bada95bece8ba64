# A backslash keeps a wildcard as it is.
#file: a.c
all: \*.c
	@echo '$^'
\*.c: ;
