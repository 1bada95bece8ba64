# --debug=verbose tells about each prerequisite.
#run: $MAKE -r --debug=verbose | sed '/^GNU Make/,/permitted by law/d'
#file: src@20
#file: old@10
#file: fresh@30
all: old fresh
old fresh: src
	@echo $@
