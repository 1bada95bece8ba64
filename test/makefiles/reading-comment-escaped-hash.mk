# A backslash makes a number sign an ordinary one, and two of them do not.
A = a\#b
B = a\\#b
all:
	@printf '[%s]\n' '$(A)' '$(B)'
