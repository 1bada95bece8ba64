# A phony target that no rule makes ought to exist all the same: the first rule is taken, though the second one's file is there.
#file: x.src
.PHONY: all ready
all: x.one x.two
%.one: ready ; @echo $@ by the first from $^
%.one: %.src ; @echo $@ by the second from $^
.SECONDEXPANSION:
%.two: $$(info for $@)ready ; @echo $@ by the first from $^
%.two: %.src ; @echo $@ by the second from $^
