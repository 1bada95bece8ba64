# $(word x,...) stops make.
all:
	@echo $(word x,a b)
