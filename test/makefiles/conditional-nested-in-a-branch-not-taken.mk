# Inside a branch that is not taken conditionals are counted, and nothing is evaluated.
ifdef UNDEFINED
ifeq ($(error not evaluated),)
junk that is no syntax
else
junk
endif
$(error neither)
else
$(info taken)
endif
all: ;
