# Blanks around colons do not matter.
all : a  b 
	@echo '$^'
a b  :  ; @echo $@
