# Targets by $(MAKECMDGOALS).
#args: x y
.PHONY: $(MAKECMDGOALS)
$(MAKECMDGOALS): ; @echo goal $@
