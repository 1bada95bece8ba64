# $(sort) of blanks only, and of names with equal beginnings.
all: ; @echo '[$(sort a aa a.b a-b A aB)]' '[$(sort    )]' '$(words $(sort x y x  y x))'
