# A tilde in a prerequisite is the home directory.
#env: HOME=/tmp
all: ~
	@echo '$^'
