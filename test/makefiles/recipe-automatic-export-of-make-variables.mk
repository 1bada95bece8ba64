# MAKELEVEL and MAKE_TERMOUT, as recipes see them.
all:
	@echo "$$MAKELEVEL $${MAKE_TERMOUT-unset} $${MAKE_TERMERR-unset}"
