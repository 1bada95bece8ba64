# Nothing else is put into the environment.
#run: env -i PATH="$PATH" A=1 $MAKE
all:
	@env | sed 's/=.*//' | grep -vx -e _ -e PWD -e OLDPWD -e SHLVL | sort
