# When a recipe leaves its target as it is, what depends on it is not remade for that.
#args: out
#file: stamp@10
#file: src@20
#file: out@30
out: stamp
	@echo making out
stamp: src
	@echo checking only
