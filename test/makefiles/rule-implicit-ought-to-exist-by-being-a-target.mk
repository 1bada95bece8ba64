# A prerequisite that is some target of the makefile ought to exist.
#args: a.z
%.z: %.missing ; @echo by missing
%.z: %.y ; @echo $@ from $<
a.y: ; @echo a.y
