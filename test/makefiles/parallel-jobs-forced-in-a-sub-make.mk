# -jN for a sub-make resets the jobserver with a warning.
#args: -j2
#file: sub.mk = all: ; @echo sub
all:
	+@$(MAKE) --no-print-directory -j3 -f sub.mk
