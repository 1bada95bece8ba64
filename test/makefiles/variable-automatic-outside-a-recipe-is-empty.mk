# Automatic variables are empty in prerequisites.
A = $@
all: x$@y ; @echo '$^' '$(A)'
xy: ;
