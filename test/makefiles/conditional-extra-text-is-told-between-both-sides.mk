# Text behind a condition is complained about when its first side has been expanded and its second has not.
ifeq ($(info first)a,$(info second)b) x
endif
ifneq 'a' "$(info third)" y
endif
all: ;
