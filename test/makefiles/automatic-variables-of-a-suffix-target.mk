# In an explicit rule $* is the target less a known suffix.
all: foo.c foo.unknown
foo.c foo.unknown:
	@echo '$@ [$*]'
