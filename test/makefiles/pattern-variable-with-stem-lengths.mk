# The pattern with the shortest stem wins.
a%: V = a
ab%: V = ab
abc%: V = abc
all: abcd abx ax
abcd abx ax: ; @echo $@ $(V)
