# A backslash keeps a number sign in a name.
all: a\#b
a\#b: ; @echo '$@'
