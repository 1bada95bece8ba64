# A chain of pattern rules; the intermediate file is removed at the end.
#file: a.x
#args: a.z
#args: a.z
%.z: %.y
	cp $< $@
%.y: %.x
	cp $< $@
