# $(origin) and $(flavor) of functions' variables.
F = $(origin 1)/$(flavor 1)/$(origin 0)
$(info $(call F,x))
$(info $(foreach x,1,$(origin x)/$(flavor x)))
all: ;
