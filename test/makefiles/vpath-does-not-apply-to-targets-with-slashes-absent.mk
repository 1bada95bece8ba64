# A name with a folder is searched under each directory too.
#file: base/sub/f.x
VPATH = base
all: sub/f.x
	@echo $^
