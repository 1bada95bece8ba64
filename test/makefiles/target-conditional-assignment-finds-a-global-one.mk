#args: exported
#args: private
#args: unexported
# `?=` for a target changes no value where the variable is set for all, but its modifiers then hold for all.
foo = global
bar = global
export baz = global
exported: export foo ?= own
p%: private bar ?= own
unexported: unexport baz ?= own
exported private unexported: other
exported private unexported other: ; @echo "$@: $$foo $$baz" '$(foo) $(bar) $(baz)'
