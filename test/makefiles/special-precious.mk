# .PRECIOUS keeps intermediate files, patterns too.
#file: a.x
#args: a.z
.PRECIOUS: %.y
%.z: %.y
	cp $< $@
%.y: %.x
	cp $< $@
