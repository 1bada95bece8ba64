# Makefiles that --eval includes are not in MAKEFILE_LIST.
#file: other.mk = $(info $(MAKEFILE_LIST))
#args: --eval='include other.mk'
all: ; $(info $(MAKEFILE_LIST))
