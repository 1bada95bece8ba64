# What no rule makes ends all before it can be told that an included makefile is missing.
include gen.mk
gen.mk: ; @echo > $@
Makefile: nothing
all: ;
