# Any name may be set.
@ = x
MAKE = changed
all: ; @echo '$@ $(MAKE) [$(value @)]'
