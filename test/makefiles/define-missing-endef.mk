# A define that is not closed.
define A
text
all:
