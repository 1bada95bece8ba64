# Text behind else and endif is told and ignored.
ifdef A
else foo
A = 1
endif bar
all:
	@echo '$(A)'
