# .INTERMEDIATE files are removed although they are mentioned.
all: out
out: mid
	cp $< $@
mid:
	echo text > $@
.INTERMEDIATE: mid
