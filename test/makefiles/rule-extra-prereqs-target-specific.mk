# .EXTRA_PREREQS may be given to one target.
all: a b
a: .EXTRA_PREREQS = tool
a b:
	@echo $@ '[$^]'
tool:
	@echo tool
