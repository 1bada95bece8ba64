# Of two patterns with stems of one length the later wins.
a%: V = first
%b: V = second
all: ab
ab:
	@echo $(V)
