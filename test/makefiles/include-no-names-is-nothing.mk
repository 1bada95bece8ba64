# include of nothing is no error.
EMPTY =
include $(EMPTY)
all:
	@echo fine
