# Words that do not match stay as they are, blanks between words are folded.
all: ; @echo '[$(patsubst %.c,%.o,  a.c   b.h  c.c  )]' '[$(patsubst %,,a b)]'
