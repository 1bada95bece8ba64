# Only the first percent sign of a prerequisite is replaced.
all: x-a
x-a: x-%: %-%
	@echo $^
a-%: ;
