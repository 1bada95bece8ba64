# What $(shell) writes to standard error comes in order with what make prints.
$(info before)
A := $(shell echo error >&2; echo out)
$(info $(A))
all: ; @echo recipe
