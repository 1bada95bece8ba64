# Text behind endef is warned about.
define A
text
endef A
all:
	@echo $(A)
