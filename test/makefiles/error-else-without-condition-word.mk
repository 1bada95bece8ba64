# An else with a word that is no conditional.
ifdef A
else foo bar
$(info else branch)
endif
all: ;
