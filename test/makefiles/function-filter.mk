# $(filter) and $(filter-out), several patterns, escapes.
L = foo.c bar.c baz.s ugh.h a%b
$(info [$(filter %.c %.s,$(L))])
$(info [$(filter-out %.c %.s,$(L))])
$(info [$(filter foo.c,$(L))] [$(filter a\%b,$(L))] [$(filter %,)])
$(info [$(filter b c a,a b c a b)])
all: ;
