# In $(wildcard) a backslash keeps a blank in a name, and an archive's members count when the archive is there.
#run: touch 'a b.c' 'x y' y; ar rc lib.a y; $MAKE; rm -f *.c 'x y' y lib.a
$(info [$(wildcard a\ b.c)] [$(wildcard a\ *.c y)] [$(wildcard y x\ ?)] [$(wildcard y\ x y)])
$(info [$(wildcard lib.a(y) lib.a(y z) none.a(y))])
all: ;
