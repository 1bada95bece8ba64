# -lNAME is searched along VPATH by .LIBPATTERNS.
#file: lib/libfoo.a
#file: lib/bar.lib
VPATH = lib
.LIBPATTERNS += %.lib
all: -lfoo -lbar
	@echo $^
