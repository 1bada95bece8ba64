# A line that expands to several lines is one rule: what follows its semicolon is its recipe.
define two
a: ; @echo a
@echo '$@'
endef
$(two)
