# A missing intermediate file does not remake a target that is new enough.
#file: a.x@10
#file: a.z@20
#args: a.z
%.z: %.y
	cp $< $@
%.y: %.x
	cp $< $@
