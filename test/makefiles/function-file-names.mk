# $(dir), $(notdir), $(suffix), $(basename).
L = src/foo.c hacks bar.x/ a.b/c .hidden d/.e f.g.h /
$(info [$(dir $(L))])
$(info [$(notdir $(L))])
$(info [$(suffix $(L))])
$(info [$(basename $(L))])
all: ;
