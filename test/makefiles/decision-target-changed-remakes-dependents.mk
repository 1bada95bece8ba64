# When a recipe changes its target, what depends on it is remade.
#args: out
#file: stamp@10
#file: src@20
#file: out@30
out: stamp
	@echo making out
stamp: src
	touch $@
