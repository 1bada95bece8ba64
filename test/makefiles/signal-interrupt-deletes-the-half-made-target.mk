# A signal to make deletes what is half made and ends make by it.
#args: -s out
out:
	@echo half > $@; kill -TERM $$PPID; sleep 5
