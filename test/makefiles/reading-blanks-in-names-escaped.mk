# A backslash keeps a blank in a name.
all: a\ b
a\ b: ; @echo '[$@]'
