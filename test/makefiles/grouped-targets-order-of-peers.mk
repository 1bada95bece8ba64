#args: seven
#args: five
#args: six
#args: eight
#args: 3
.DELETE_ON_ERROR:
five: a
six: b
seven: c
eight: d
seven eight five six &: e
	@echo x $@: $^
a b c d e: ; @echo $@
1 2 3 4 &:
	@touch 1 2 3 4; false
