#args:
# A target that a `&::` rule names twice has two rules, of which only one runs.
all: a b
a a b &:: ; @echo one $@
b a &:: ; @echo two $@
