# Order-only prerequisites of a pattern rule.
#file: a.in
all: out/a.x
out/%.x: %.in | out ; cp $< $@
out: ; mkdir $@
