# Static pattern rules over filtered names.
files = foo.elc bar.o lose.o
all: $(files)
$(filter %.o,$(files)): %.o: %.c ; @echo object $@ $<
$(filter %.elc,$(files)): %.elc: %.el ; @echo lisp $@ $<
bar.c lose.c foo.el: ;
