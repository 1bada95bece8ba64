# MAKE_TMPDIR says where make keeps its own files.
#env: MAKE_TMPDIR=there
#args: -j2
#dir: there
all: ; @echo '$(MAKEFLAGS)' | sed 's,fifo:.*there.GMfifo.*,fifo in there,'
