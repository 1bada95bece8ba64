# A directory counts with its time.
#file: out@10
#dir: d@20
out: d
	@echo remaking
