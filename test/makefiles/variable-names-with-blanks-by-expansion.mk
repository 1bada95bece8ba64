# A name with a blank, by way of an expansion.
S = a b
$(S) = works
all: ; @echo '$(a b)' '$($(S))'
