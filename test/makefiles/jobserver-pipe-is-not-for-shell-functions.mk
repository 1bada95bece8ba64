#args: --no-print-directory -j2 --jobserver-style=pipe
#args: --no-print-directory -j2 --jobserver-style=fifo
ifeq ($(STAGE),)
default: ; @$(MAKE) STAGE=1
else ifeq ($(STAGE),1)
$(info $(shell $(MAKE) STAGE=2))
default: ; @: $(STAGE)
else
default: ; @echo $(STAGE)
endif
