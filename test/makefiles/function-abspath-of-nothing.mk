# $(abspath) and $(realpath) of nothing.
all: ; @echo '[$(abspath )] [$(realpath )] [$(abspath .)]' | sed 's,$(CURDIR),HERE,'
