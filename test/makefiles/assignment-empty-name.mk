# An empty variable name stops make.
E =
$(E) = 1
all:
