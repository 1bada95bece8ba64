# Two dollars make one.
A = $$x $$$$
all:
	@echo '$(A)' '$$' "$${HOME}"
