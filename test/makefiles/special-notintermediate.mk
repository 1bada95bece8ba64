# .NOTINTERMEDIATE files are never intermediate.
#file: a.x
#args: a.z
.NOTINTERMEDIATE: %.y
%.z: %.y
	cp $< $@
%.y: %.x
	cp $< $@
