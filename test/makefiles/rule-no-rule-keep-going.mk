# With -k what does not depend on the missing file is still made.
#args: -k
all: a missing b
	@echo never
a b:
	@echo made $@
