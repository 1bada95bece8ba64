# Two dollars in a rule are one in the name.
all: a$$b
a$$b: ; @echo '$@'
