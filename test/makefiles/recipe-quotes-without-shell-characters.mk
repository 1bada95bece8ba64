# Quotes and backslashes mean what they mean in a shell.
all:
	@printf [%s]\\n 'a b' "c d" e\ f '' x'y'"z"
	@echo "a\$$b" 'it'\''s' \\
