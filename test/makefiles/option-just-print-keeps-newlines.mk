# -n prints continued lines as they are.
#args: -n
all:
	@for i in 1 2; do \
	  echo $$i; \
	done
