# $(error) stops with file and line.
A = $(error it is $(1))
all:
	@echo $(call A,wrong)
