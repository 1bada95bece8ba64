# A target without recipe and prerequisites that is no file counts as just made (FORCE).
#file: a@10
#args: a
a: FORCE
	@echo remaking $@
FORCE:
