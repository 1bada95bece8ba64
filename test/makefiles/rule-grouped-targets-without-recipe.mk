# Grouped targets need a recipe.
a b &: c
c: ;
