# += to a recursive variable keeps references unexpanded.
A = $(B)
A += $(C)
B = 1
C = 2
all: ; @echo '$(A)' '$(value A)'
