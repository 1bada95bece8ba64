#args: -r dee.o
#args: -r x.c
#args: -r y.o
#args: -r y.o EXTRA=missing
#file: dee.c
#file: y.c
#file: extra
# What .EXTRA_PREREQS gives to all, pattern rules have as well: a rule is fit only if it is there, and one without recipe that
# only told that a kind of names is known tells nothing any more. A target's own come on top.
EXTRA = extra
.EXTRA_PREREQS = $(EXTRA)
dee.o: .EXTRA_PREREQS = own
%.o: %.c ; @echo $@ $^
%.c:
%: extra ; @echo any $@ $^
own Makefile extra: ; @echo $@
