# A whole rule from one variable, expanded on a line of its own.
R = all: ; @echo from variable
$(R)
