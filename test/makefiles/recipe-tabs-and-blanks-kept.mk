# Blanks within a recipe line are kept, those in front are not.
all:
	   @echo 'a   b	c'
	echo   x
