# Several missing makefiles wait for one recipe: told of the one that asked last.
#args: -k -j4
include a.mk b.mk c.mk
a.mk b.mk c.mk: mid
mid: ; sleep 0.2; false
all: ;
