#args: -r -k dee.o
#args: -r -k other
#args: -r self
#file: dee.c
# A prerequisite of a static pattern rule is taken for a file that ought to exist once its target was looked at.
dee.o: %.o: %.y
%.o: %.c ; @echo $@ $^
%.c: %.y ; @echo $@ $^
other: %er: dee.o dee.y
self: %: %.d
%: % ; @echo $@
Makefile: ;
