# SHELL may be any program.
SHELL = /bin/echo
all:
	hello $$world 'quoted'
