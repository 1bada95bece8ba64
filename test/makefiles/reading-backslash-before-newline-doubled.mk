# Two backslashes before a newline are one backslash and no continuation.
A = one\\
B = two \\\
three
all:
	@printf '[%s]\n' '$(A)' '$(B)'
