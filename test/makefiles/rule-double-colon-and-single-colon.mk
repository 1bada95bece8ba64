# A target may not have both kinds.
a: ; @echo one
a:: ; @echo two
