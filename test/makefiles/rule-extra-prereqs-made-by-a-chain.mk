# The extra prerequisite of all is found by a chain of rules that all have it as prerequisite.
#args: -r t3
.SUFFIXES:
.EXTRA_PREREQS = t3
%.y: ; @echo $@
%.c: %.y ; @echo $@
%.o: %.c ; @echo $@
%: %.o ; @echo $@
%: %.c ; @echo $@
Makefile: ;
