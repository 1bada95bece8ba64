# $(shell) runs SHELL with .SHELLFLAGS.
SHELL = /bin/echo
.SHELLFLAGS = -n flags
$(info [$(shell hello "there")])
all: ;
