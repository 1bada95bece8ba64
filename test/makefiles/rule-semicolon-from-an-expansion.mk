# A semicolon that comes from an expansion starts no recipe of its own.
S = ;
all: dep $(S) echo x
dep echo x:
	@echo made $@
