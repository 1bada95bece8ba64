# Conditionals within a define are read when it is evaluated.
define body
ifdef A
$$(info A is $(A))
else
$$(info no A)
endif
endef
$(eval $(body))
A = 1
$(eval $(body))
all: ;
