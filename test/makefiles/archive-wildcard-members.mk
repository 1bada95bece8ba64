# Wildcards in member names match what the archive holds.
#run: touch x1.o x2.o y.o; ar rcU lib.a x1.o x2.o y.o; $MAKE -r; rm lib.a *.o
all: lib.a(x*.o)
	@echo '$^'
lib.a(%): ;
