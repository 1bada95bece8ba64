# -lNAME that is nowhere.
all: -lnowhere-to-be-found
	@echo $^
