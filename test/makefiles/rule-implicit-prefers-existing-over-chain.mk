# A rule whose prerequisite exists is taken before one that needs a chain.
#file: a.p
#file: a.q
#args: a.z
%.z: %.y ; @echo by y
%.y: %.p ; @echo y by p
%.z: %.q ; @echo by q
