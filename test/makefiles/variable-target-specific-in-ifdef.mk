# Conditionals in a recipe do not see target-specific values.
all: A = set
all:
ifdef A
	@echo defined
else
	@echo not defined on reading
endif
