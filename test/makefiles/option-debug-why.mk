# --debug=why,print tells the reason without running differently.
#run: $MAKE --debug=why,print | sed '/^GNU Make/,/permitted by law/d'
#file: src@20
#file: old@10
all: old
old: src
	@echo $@
