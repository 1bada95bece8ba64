#args: --trace
#run: rm eff inc.mk
#args: --debug=print
#run: rm eff inc.mk
#args: --debug=why
# While makefiles are remade nothing is traced; the two halves of --trace can be had alone.
all: ; @echo all
-include inc.mk
inc.mk: eff ; @echo > $@
eff: ; @touch eff
