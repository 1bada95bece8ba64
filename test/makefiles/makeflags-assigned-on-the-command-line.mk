#args: MAKEFLAGS=n
#args: MAKEFLAGS=k X=1
#args: MAKEFLAGS=--no-print-directory
#args: MAKEFLAGS=q
#args: MAKEFLAGS=X=3
#args: MAKEFLAGS+=n
#args: MAKEFLAGS=Z
#args: -k MAKEFLAGS=n
all: ; @echo "$(MAKEFLAGS)|$$MAKEFLAGS|$(X)|$(origin MAKEFLAGS)|$(MAKEOVERRIDES)"
