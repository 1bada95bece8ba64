# A file that was there before is not removed.
#file: a.x@1
#file: a.y@2
#args: a.z
%.z: %.y ; cp $< $@
%.y: %.x ; cp $< $@
