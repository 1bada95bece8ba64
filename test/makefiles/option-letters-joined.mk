# Letters may be joined, the last with its argument.
#args: -knf x.mk
#args: -ksj2 -fx.mk
#file: x.mk = all: ; echo '[$(firstword -$(MAKEFLAGS))]'
