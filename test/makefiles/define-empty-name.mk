# A define without a name.
define
text
endef
all:
