# --eval and -E read text before the makefile.
#args: --eval 'A = given' -E '$(info evaluated)'
#args: --eval=goal:\;@echo\ $@
all: ; @echo '$(A)' '$(MAKEFLAGS)'
