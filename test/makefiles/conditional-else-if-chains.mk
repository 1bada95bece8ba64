# Conditionals may be chained with else.
A = 3
ifeq ($(A),1)
$(info one)
else ifeq ($(A),2)
$(info two)
else ifdef UNDEFINED
$(info undefined)
else ifneq ($(A),4)
$(info three)
else
$(info four)
endif
all: ;
