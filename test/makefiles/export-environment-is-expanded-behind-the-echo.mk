#args:
#args: -n
#args: -k mistake other
# The environment is expanded once a recipe, behind the echo of its first line that needs a process; `:` needs none.
export A = $(info environment of $@)$(if $(findstring mistake,$@),$(error stops))

all: colon
	:
	echo one
	@echo two
	+echo three
colon: ; :
mistake other: ; @echo $@
