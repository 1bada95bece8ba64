# Intermediate files are removed when make ends with an error.
#file: a.x
#args: a.z
%.z: %.y
	false
%.y: %.x
	cp $< $@
