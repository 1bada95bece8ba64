# $(error) at once.
ifdef NO
$(error no)
else
$(error yes)
endif
