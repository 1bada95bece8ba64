# $(call) of a function that is built in, and of a recursive one.
pairs = $(if $(word 2,$(1)),$(word 1,$(1))-$(word 2,$(1)) $(call pairs,$(wordlist 3,99,$(1))))
all:
	@echo $(call subst,a,b,aaa) $(call if,,x,y) $(call pairs,a b c d e)
