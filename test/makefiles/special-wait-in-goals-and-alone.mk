# .WAIT among order-only prerequisites, at the ends, and several in a row.
all: .WAIT a .WAIT .WAIT b .WAIT | c .WAIT d
	@echo '$^' / '$|'
a b c d: ; @echo $@
