# MAKE_RESTARTS of the environment is seen by makefiles, and kept from recipes.
#env: MAKE_RESTARTS=5
all: ; @echo '$(MAKE_RESTARTS) $(origin MAKE_RESTARTS)' "[$$MAKE_RESTARTS]"
