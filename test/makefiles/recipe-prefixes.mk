# The prefixes -, @ and + in any mix and order, with blanks.
#args:
#args: -n
all:
	@-false
	- @exit 3
	@ + echo plus
	+@-   false
	-echo end
