# .SECONDARY files are intermediate, and kept.
#file: a.x
#args: a.z
.SECONDARY: a.y
%.z: %.y
	cp $< $@
%.y: %.x
	cp $< $@
