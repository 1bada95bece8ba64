SHELL = /bin/echo
.SHELLFLAGS = "a;b"  'c d' $$((1+2))
$(info [$(shell x  y)])
all: ; @it's "so"
