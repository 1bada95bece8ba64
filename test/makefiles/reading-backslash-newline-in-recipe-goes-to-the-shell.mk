# In a recipe a backslash-newline is passed on to the shell, less one recipe prefix.
all:
	@echo 'one \
	two \
		three'
	echo four \
	five
