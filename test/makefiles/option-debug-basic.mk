# --debug=basic tells what must be remade.
#run: $MAKE --debug=basic | sed '/^GNU Make/,/permitted by law/d'
#file: src@20
#file: old@10
all: old
old: src
	@echo $@
