#args:
# Blanks and prefixes at the start of a line go away, but not behind a backslash and a newline.
.ONESHELL:
all:
	  echo one \
	   two \
  three \
	@-+four
	 -@ echo five
