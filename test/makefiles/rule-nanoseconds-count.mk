# Times are compared in fractions of a second.
#file: src@10.5
#file: old@10.25
#file: new@10.75
all: old new
old new: src
	@echo remaking $@
