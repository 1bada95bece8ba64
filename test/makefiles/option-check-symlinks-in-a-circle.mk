# With -L, too, a link into a circle is no file; one that leads nowhere is.
#args: -k -L
#link: a -> b
#link: b -> a
#link: nowhere -> none
all: one two
one: a
two: nowhere
one two: ; @echo $@
