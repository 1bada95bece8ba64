# --trace tells why each target is made.
#args: --trace
#args: --trace -n
#file: src@20
#file: old@10
.PHONY: all
all: old new order | first
	@echo $@
old: src
	@echo $@
new:
	@echo $@
order first: ;
