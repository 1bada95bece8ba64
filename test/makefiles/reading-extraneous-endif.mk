# An endif without a conditional.
all:
endif
