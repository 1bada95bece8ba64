# $(strip).
$(info [$(strip   a   b	 c  )])
$(info [$(strip )])
all: ;
