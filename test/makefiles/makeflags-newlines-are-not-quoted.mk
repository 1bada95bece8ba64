# Newlines in values are passed on as they are; those before the value are dropped.
#run: $MAKE -f Makefile "A=x`printf '\n\t'`y" "B=`printf '\n\nz'`" "--eval=`printf 'define C\na b\nendef'`"
all: ; @printf '[%s]\n' "$$MAKEFLAGS" '$(B)'; $(MAKE) sub
sub: ; @printf '[%s]\n' "$$MAKEFLAGS" "$$A" '$(words $C)'
