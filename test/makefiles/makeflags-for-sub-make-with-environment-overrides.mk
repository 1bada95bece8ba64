#args: -e --no-print-directory FOO=1 recurse
$(info FOO [$(origin FOO)]: $(value FOO) $(MAKEFLAGS) [$(MAKEOVERRIDES)])
all: ;
recurse: ; @$(MAKE); echo "$$MAKEFLAGS"
