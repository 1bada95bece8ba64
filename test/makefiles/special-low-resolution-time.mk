# .LOW_RESOLUTION_TIME compares whole seconds.
#file: out@10.1
#file: src@10.9
out: src
	@echo never
.LOW_RESOLUTION_TIME: out
