# A define within a define is text, and its endef is counted.
define outer
define inner
echo inner
endef
endef
$(eval $(outer))
all:
	@$(inner)
	@echo '$(words $(outer))'
