# Builtins of the shell work without any other special character.
all:
	cd .
	exit 0
	set -e
	umask
	type cd >/dev/null
