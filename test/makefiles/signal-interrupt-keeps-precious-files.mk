# .PRECIOUS files are kept.
#args: -s out
.PRECIOUS: out
out:
	@echo half > $@; kill -TERM $$PPID; sleep 5
