# A backslash keeps a semicolon in a prerequisite of the line.
all: a\;b
a\;b: ; @echo '$@'
