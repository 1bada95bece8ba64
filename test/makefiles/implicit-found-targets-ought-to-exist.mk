# What an implicit rule was found for, or for another target of the same rule, ought to exist for searches after that.
#run: $MAKE -n --debug=i -r | sed "1,/^Updating goal/d"
.SUFFIXES:
all: x.z x.q x.y
%.z: %.a ; @echo 1 $@ $<
%.a %.r: %.b ; @echo a $@
%.b: %.c ; @echo b $@
%.q: %.r ; @echo q $@
%.y: %.z ; @echo y $@
x.c: ;
