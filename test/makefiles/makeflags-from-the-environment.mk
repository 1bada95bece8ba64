# MAKEFLAGS of the environment: letters with or without dash, and variables.
#env: MAKEFLAGS=ks -- X=1
all:
	echo '[$(MAKEFLAGS)] $(X) $(origin X)'
