# Without a plus sign a pipe jobserver does not reach a sub-make.
#args: -j2 --jobserver-style=pipe
#file: sub.mk = all: ; @echo sub
M = $(MAKE)
all:
	@$(M) --no-print-directory -f sub.mk
