# A backslash keeps a colon in a name.
all: a\:b
a\:b: ; @echo '$@'
