# -n does not keep make from remaking makefiles.
#args: -n
include gen.mk
all:
	@echo VALUE is $(VALUE)
gen.mk:
	echo 'VALUE = 42' > $@
