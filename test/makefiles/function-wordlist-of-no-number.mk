# $(wordlist) wants numbers.
$(info $(wordlist 1,b,a b))
