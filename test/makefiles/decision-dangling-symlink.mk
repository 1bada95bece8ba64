# A link that leads nowhere does not exist.
#link: dep -> nowhere
out: dep ; @echo making out
dep: ; @echo making dep
