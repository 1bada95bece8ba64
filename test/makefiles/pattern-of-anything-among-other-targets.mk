#args: -r x.z
#args: -r x.y
#args: -r x.w x
#file: source
# A pattern rule with `%` among its targets is no longer tried once a pattern that is more than that matches, be it its own.
%.y %: source ; @echo $@ $(wildcard $@)
%.z: %.y ; @echo $@ $<
