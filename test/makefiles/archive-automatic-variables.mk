# $@, $%, $(@D), $(%F) and the like for a member.
#args: -r
.PHONY: all
all: sub/lib.a(dir/m.o)
sub/lib.a(dir/m.o):
	@echo '$@ | $% | $(@D) $(@F) | $(%D) $(%F)'
