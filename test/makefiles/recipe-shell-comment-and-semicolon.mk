# A number sign after a blank in a recipe is the shell's comment.
all: ; @echo one # two; echo three
