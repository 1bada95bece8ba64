# Prerequisites are made depth first, in order, each once.
all: a b c
a: d e
b: e f
c: a
a b c d e f:
	@echo $@
