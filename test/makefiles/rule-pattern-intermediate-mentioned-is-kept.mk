# A file that the makefile mentions is not intermediate.
#file: a.x
all: a.z
other: a.y
%.z: %.y
	cp $< $@
%.y: %.x
	cp $< $@
