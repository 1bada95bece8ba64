# override and export go with define.
#args: A=command-line
override define A
first
second
endef
export A
all:
	@printf '%s\n' "$$A"
