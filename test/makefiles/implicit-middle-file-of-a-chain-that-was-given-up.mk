# The middle file of a chain stays one that ought to exist, though the rule that the chain was for is given up.
#run: $MAKE --debug=i -r | sed "1,/^Updating goal/d"
.SUFFIXES:
all: x.z
%.z: %.a %.nope ; @echo 1 $@
%.z: %.a %.c ; @echo 2 $@ $<
%.a: %.b ; @echo a $@
%.b: %.c ; @echo b $@
x.c: ;
