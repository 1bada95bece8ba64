# Rules without a recipe from an included file add prerequisites.
#args:
#args:
#file: main.d = main.o: main.c defs.h
#file: main.c
#file: defs.h
all: main.o
main.o: main.c
	cp main.c main.o
	@echo '$^'
-include main.d
