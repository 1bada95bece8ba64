# override and export in pattern-specific values.
#args: V=line
%.x: override V = pattern
%.x: export W = exported
all: a.x b
a.x b: ; @echo $@ $(V) "[$$W]"
