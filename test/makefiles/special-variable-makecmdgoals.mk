# MAKECMDGOALS are the goals given.
#args:
#args: b X=1 a
all a b: ; @echo $@ '[$(MAKECMDGOALS)]'
