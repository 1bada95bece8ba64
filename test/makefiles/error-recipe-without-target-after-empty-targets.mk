# A recipe of a rule without targets is skipped.
$(EMPTY): dep
	@echo no
all: ; @echo fine
