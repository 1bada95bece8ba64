# .WAIT is no prerequisite in automatic variables.
all: a .WAIT b
	@echo $^ / $+ / $<
a b: ;
