#args: --trace
#args: -t
# A recipe that has text is traced even when nothing comes of it. -t touches the targets of empty recipes as well.
all: a b c d e f g
a: ; $(nothing)
b: ; @$(nothing)
c: ; @
d: ;
e: ; @:
f:
	
.PHONY: g
g: ; @echo
