# .SECONDARY without names keeps all, and a missing one does not force.
#file: a.x@1
#file: out@10
.SECONDARY:
all: out a.z
out: mid
	@echo never
mid:
	@echo never mid
%.z: %.y
	cp $< $@
%.y: %.x
	cp $< $@
