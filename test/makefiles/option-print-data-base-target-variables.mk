# -p tells a target's own variables, also of one that no rule makes.
#run: $MAKE -pq -f Makefile | grep '^[a-z]*: V' | sort
all: one two
one: V = 1
one: ; @echo $(V)
two: V := 2
three: V += 3
