# The command line wins over MAKEFLAGS of the environment.
#env: MAKEFLAGS=X=env Y=env
#args: X=line
all: ; @echo $(X) $(Y) '$(MAKEOVERRIDES)'
