#args: -r all
#args: -r -k all FIRST=
#args: -r self
#file: dee.y
# What a second expansion names is no intermediate file from then on, and rules take it for a file that ought to exist.
.SECONDEXPANSION:
FIRST = dee.z
all: $(FIRST) dee.o
%.o: %.c ; @echo $@ $^ ; touch $@
%.c: %.y ; @echo $@ $^ ; touch $@
dee.z: $$(basename $$@).c ; @echo $@ $^
self: $$@.d
%: % ; @echo $@
Makefile: ;
