# SHELL when set and exported.
#env: SHELL=/bin/bash
export SHELL = /bin/sh
all:
	@echo '$(SHELL)' "$$SHELL"
