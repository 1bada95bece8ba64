# $(eval) of a define, a conditional and an include.
#file: inc.mk = $(info included)
define text
define inner
echo inner $$@
endef
ifdef inner
$$(info inner is there)
endif
include inc.mk
endef
$(eval $(text))
all: ; @$(inner)
