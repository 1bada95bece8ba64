# VPATH is for all names, colons or blanks part it.
#file: one/a.x
#file: two/b.y
VPATH = one:two
all: a.x b.y
	@echo $^
