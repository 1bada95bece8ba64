# An empty recipe counts as one and does nothing.
all: a b
a: ;
b:
%: ; @echo pattern $@
