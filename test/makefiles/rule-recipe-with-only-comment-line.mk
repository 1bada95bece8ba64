# A recipe of a shell comment is run.
all:
	# nothing
