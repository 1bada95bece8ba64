# define holds newlines; used in a recipe each is a line of its own.
define two-lines
@echo first
@echo second
endef
all:
	$(two-lines)
	@echo third
