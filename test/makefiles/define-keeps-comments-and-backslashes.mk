# Text in define is kept as it is.
define T
a # b
c \
d
endef
$(info $(T))
all: ;
