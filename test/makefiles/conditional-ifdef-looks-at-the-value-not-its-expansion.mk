# ifdef asks whether the unexpanded value is empty.
EMPTY =
A = $(EMPTY)
B := $(EMPTY)
ifdef A
$(info A defined)
endif
ifndef B
$(info B not defined)
endif
NAME = A
ifdef $(NAME)
$(info computed name)
endif
all: ;
