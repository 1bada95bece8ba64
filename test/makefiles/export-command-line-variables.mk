# Variables of the command line are exported.
#args: A=a B='b c'
all:
	@echo "[$$A][$$B]"
