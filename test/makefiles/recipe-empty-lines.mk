# Lines that expand to nothing are no work.
NOTHING =
all:
	$(NOTHING)
	@$(NOTHING)
	-
