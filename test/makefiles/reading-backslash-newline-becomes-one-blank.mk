# Outside recipes a backslash-newline and the blanks around it become one blank.
A = one   \
      two\
	three
all:
	@echo '[$(A)]'
