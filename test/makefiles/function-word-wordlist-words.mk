# $(word), $(wordlist), $(words), $(firstword), $(lastword).
L = one two three four
$(info [$(word 2,$(L))] [$(word 9,$(L))] [$(words $(L))] [$(firstword $(L))] [$(lastword $(L))])
$(info [$(wordlist 2,3,$(L))] [$(wordlist 3,99,$(L))] [$(wordlist 3,2,$(L))] [$(wordlist 9,10,$(L))])
$(info [$(words )] [$(firstword )] [$(lastword )])
all: ;
