# The prerequisites of the rule with the recipe come first in $^ and $<.
all: one
all: two ; @echo '$<' / '$^'
one two: ;
