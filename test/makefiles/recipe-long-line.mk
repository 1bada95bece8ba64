# A recipe line longer than a single argument may be.
LONG := $(foreach a,1 2 3 4 5 6 7 8 9 0,$(foreach b,1 2 3 4 5 6 7 8 9 0,$(foreach c,1 2 3 4 5 6 7 8 9 0,$(a)$(b)$(c)-word-of-some-length)))
all:
	@echo $(LONG) | wc -w
