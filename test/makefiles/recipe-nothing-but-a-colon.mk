# A recipe of a colon.
all:
	:
	@:
