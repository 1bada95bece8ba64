# Grouped targets are made by one run of the recipe.
all: a b
a b &: src
	touch a b; echo made '$@'
src: ;
