# -t -s touches quietly; lines with a plus sign are run.
#args: -t -s
all: new
new: ; +@echo run
	@echo never
