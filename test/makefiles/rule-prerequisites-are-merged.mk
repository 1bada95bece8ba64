# Several rules for a target add their prerequisites; the recipe's rule's come first.
all: one
all: two
all:
	@echo $^
all: three
one two three: ;
