# SHELL of the makefile is used, that of the environment is not.
#env: SHELL=/no/such/shell
all:
	@echo '$(SHELL)' "$$SHELL"
