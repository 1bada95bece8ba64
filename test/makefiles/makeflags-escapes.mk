# Blanks, dollars and backslashes in variables survive to the sub-make.
#args: 'A=b c' 'D=e$$f' 'E=g\h'
#file: sub.mk
#+all: ; @printf '[%s]\n' '$(A)' '$(D)' '$(E)' '$(MAKEFLAGS)'
all:
	@printf '[%s]\n' '$(A)' '$(D)' '$(E)' '$(MAKEFLAGS)'
	@$(MAKE) --no-print-directory -f sub.mk
