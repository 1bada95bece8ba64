# A special target with wrong prerequisites is harmless.
.PHONY:
.PRECIOUS:
.SUFFIXES:
all: ; @echo fine
