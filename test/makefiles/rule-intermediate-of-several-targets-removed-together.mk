# Several intermediate files are removed by one rm line.
#file: a.x
#file: b.x
all: a.z b.z
%.z: %.y ; cp $< $@
%.y: %.x ; cp $< $@
