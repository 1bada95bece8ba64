# Braces may be used in place of parentheses; only the kind used is matched.
A := ${subst (,<,a(b}
B := $(subst {,<,a{b)
C := ${if 1,$(words a b),x}
D := ${words (a b}
all: ; @echo '$(A) $(B) $(C) $(D)'
