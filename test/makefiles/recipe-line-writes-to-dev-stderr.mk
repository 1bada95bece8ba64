# A recipe may open /dev/stderr and /dev/stdout.
all:
	@echo to stderr > /dev/stderr
	@echo to stdout > /dev/stdout
	@echo to fd2 >&2
