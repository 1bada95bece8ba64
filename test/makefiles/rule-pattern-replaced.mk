# A pattern rule with the same target and prerequisites replaces the first.
#file: a.x
#args: a.y
%.y: %.x ; @echo first
%.y: %.x ; @echo second
