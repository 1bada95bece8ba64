# A seed is kept in MAKEFLAGS.
#args: --shuffle=42
#args: --shuffle=bad
all: ; @echo '$(MAKEFLAGS)'
