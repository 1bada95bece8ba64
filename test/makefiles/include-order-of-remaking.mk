# Makefiles are remade in the order they were read.
#file: a.mk@1
#file: b.mk@1
#file: src@2
include a.mk b.mk
all: ; @echo all
a.mk b.mk: src ; @echo remake $@; touch $@
