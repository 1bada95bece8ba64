#args: -r --trace
# A target that was missing when its first rule ran is missing for the others too.
all:: ; touch $@
all:: Makefile ; @echo $?
all:: ; @echo $@
