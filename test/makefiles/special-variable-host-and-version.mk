# MAKE_HOST is not empty and MAKE_VERSION is 4.4.1.
all: ; @echo '$(MAKE_VERSION)' '$(if $(MAKE_HOST),host)' '$(origin MAKE_VERSION)'
