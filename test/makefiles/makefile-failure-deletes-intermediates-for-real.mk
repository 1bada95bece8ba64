# An error that ends all while makefiles are remade deletes intermediate files, whatever -n, -q and -t say; under -k they stay.
#args: -n
#args: -q
#args: -t
#args: -nk
#args: -qk
include gen.mk
%.mk: %.y ; false
%.y: ; touch $@
all: ; @echo all
