#args: -s
#args:
# Why a program could not be started is said even where the failure itself is passed over in silence.
-include none.mk
all: ; -no-such-program
none.mk: ; no-such-program $@
