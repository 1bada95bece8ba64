# Phony targets get no implicit rule.
#file: t.c
.PHONY: t
all: t ; @echo all
%: %.c ; @echo implicit $@
