# A rule without targets is read and does nothing.
EMPTY =
$(EMPTY): dep ; @echo no
all: ; @echo fine
