# An undefined variable in a define that is expanded at once.
#args: --warn-undefined-variables
A ::=
define A +=
one
$(none)
endef
define B :=
$(none)
endef
all: ; @echo '$(A)'
