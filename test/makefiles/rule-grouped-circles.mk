#args: -k a
#args: -k c
# In a group all lists of prerequisites are looked at, the target's own twice; what a circle leaves of them is told each time.
a b all &: a d b e ; @echo $@ from $^
c f &: f ; @echo $@ from $^
d: a f ; @echo $@ from $^
