# That an included makefile is missing is told when something fails that was asked for on its behalf, not when another makefile fails.
#args: -k
include a.mk b.mk c.mk
Makefile: mid
a.mk: mid
c.mk: low
mid: nothing ; @echo $@
low: lower ; @echo $@
lower: ; false
all: ;
