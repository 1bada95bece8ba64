# define takes every assignment operator.
A = 1
define R =
$(A)
endef
define S :=
$(A)
endef
define P ::=
$(A)
endef
define T +=
more
endef
define T +=
and more
endef
define Q ?=
set
endef
define Q ?=
not set again
endef
define X !=
echo from; echo shell
endef
A = 2
all:
	@printf '[%s]\n' $(R) $(S) $(P) $(T) $(Q) '$(X)' $(flavor R) $(flavor S) $(flavor X)
