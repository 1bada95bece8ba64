# A file with several '::' rules that is done already is said to be pruned once.
#run: $MAKE -r --debug=v | sed "1,/^Updating goal/d"
all: a b
a: c
b: c d
c:: ; @echo 1
c:: ; @echo 2
d: c
