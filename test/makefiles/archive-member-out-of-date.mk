# A member older than its source is replaced, one that is newer is not.
#run: touch -d 2021-01-01 a.o b.o; ar rcU lib.a a.o b.o; touch -d 2022-01-01 b.src; $MAKE -r; rm lib.a
.PHONY: all
all: lib.a(a.o) lib.a(b.o)
lib.a(a.o): a.src
	@echo replace $%
lib.a(b.o): b.src
	@echo replace $%
a.src: ;
