# Order-only prerequisites are made first and do not make the target out of date.
#file: out@10
#file: dir@20
#args: out
#args: out2
out: | dir
	@echo never
out2: src | dir missing
	@echo '$^' / '$|' / '$?'
dir src: ;
missing:
	@echo making $@
