# Each double-colon rule runs by itself if its own prerequisites are newer.
#file: out@10
#file: old@5
#file: new@15
out:: old
	@echo old rule
out:: new
	@echo new rule
out::
	@echo always rule
