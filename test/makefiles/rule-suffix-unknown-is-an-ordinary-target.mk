# A rule for suffixes that are not known is an ordinary target.
#args: .aa.bb
.aa.bb:
	@echo ordinary $@
