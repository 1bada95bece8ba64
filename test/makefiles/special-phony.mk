# A phony target runs although its file exists, and no implicit rule is tried.
#file: clean
#file: clean.c
.PHONY: clean
clean:
	@echo cleaning
