# One missing member is enough to run the recipe.
#file: a@10
#file: src@5
#args: a
a b &: src
	touch a b
