# Newlines of a variable in a rule line become blanks.
define deps
a
b
endef
all: $(deps) ; @echo $^
a b: ;
