# All five ways to quote the arguments of ifeq.
A = x
ifeq ($(A),x)
$(info parens)
endif
ifeq '$(A)' 'x'
$(info single)
endif
ifeq "$(A)" "x"
$(info double)
endif
ifeq "$(A)" 'x'
$(info mixed)
endif
ifeq '$(A)' "x"
$(info mixed2)
endif
ifneq ($(A), y)
$(info not)
endif
all: ;
