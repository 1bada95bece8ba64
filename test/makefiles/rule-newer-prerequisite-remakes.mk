# A target older than a prerequisite is remade, one as old is not.
#file: src@10
#file: old@9
#file: same@10
#file: new@11
all: old same new
old same new: src
	@echo remaking $@
