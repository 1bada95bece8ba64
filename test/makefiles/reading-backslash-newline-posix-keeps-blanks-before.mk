# With .POSIX the blanks before a backslash-newline stay.
.POSIX:
A = one   \
      two
all:
	@echo '[$(A)]'
