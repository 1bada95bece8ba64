# A pattern without a percent sign replaces whole words and leaves the blanks between them.
all: ; @echo '[$(patsubst see.c,a%,eff.h  see.c   x)]' '[$(patsubst %.c,a%,eff.h  see.c   x)]'
