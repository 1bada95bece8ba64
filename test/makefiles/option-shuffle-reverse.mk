# --shuffle=reverse starts prerequisites from the end; automatic variables keep their order.
#args: --shuffle=reverse
#args: --shuffle=none
#args: --shuffle=identity
all: a b c ; @echo $^ '$(MAKEFLAGS)'
a b c: ; @echo $@
