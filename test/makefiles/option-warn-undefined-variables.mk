# --warn-undefined-variables tells of each use.
#args: --warn-undefined-variables
A = $(UNDEFINED)
B := x$(ALSO)
all: ; @echo '$(A)$(B)$(EMPTY)'
EMPTY =
