# $(intcmp) wants numbers.
$(info $(intcmp a,2))
