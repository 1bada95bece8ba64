# What the recipe has not changed is not deleted.
#args: -s out
#file: out
#file: src@10
out: src
	@kill -INT $$PPID; sleep 5
