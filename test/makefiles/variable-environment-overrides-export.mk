# With -e what the recipe sees is the environment's.
#env: A=environment
#args: -e
A = file
A += more
all:
	@echo "$$A" '$(A)'
