# MAKE_TERMOUT is empty when output is no terminal.
all: ; @echo '[$(MAKE_TERMOUT)] [$(MAKE_TERMERR)]'
