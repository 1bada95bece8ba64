# With .ONESHELL and an interpreter that is no shell, prefixes of later lines stay.
.ONESHELL:
SHELL = /bin/echo
.SHELLFLAGS = script:
all:
	@first
	@second
	-+third
