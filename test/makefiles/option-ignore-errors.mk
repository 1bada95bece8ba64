# -i goes on after every error.
#args: -i
all: a
	exit 2
	@echo end
a: ; @exit 1
