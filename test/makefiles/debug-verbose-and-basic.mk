#run: $MAKE -r --debug=verbose | sed '/^GNU Make/,/permitted by law/d'
#run: $MAKE -r -B --debug=basic old | sed '/^GNU Make/,/permitted by law/d'
#run: $MAKE -r -k --debug=verbose bad nonesuch b | sed '/^GNU Make/,/permitted by law/d'
#run: $MAKE -r -q --debug=verbose old b | sed '/^GNU Make/,/permitted by law/d'
#run: $MAKE -r -n --debug=verbose b | sed '/^GNU Make/,/permitted by law/d'
#run: $MAKE -r --debug=verbose,implicit chain.z | sed '/^GNU Make/,/permitted by law/d'
#file: src@0
#file: old@50
#file: oo@50
#file: imp.x@10
#file: chain.x@10
#file: norec@50
all: b old dc alw norec oo fail empty
b: src ; touch b
old: src ; touch old
dc:: ; @echo dc
dc:: src ; @echo dc2
alw: always ; @echo $@
always:
norec: src
oo: src | ood ; touch oo
ood: ; touch ood
fail: ; -@false
empty: b ;
imp.y: imp.x
%.y: %.x ; cp $< $@
bad: src ; false
chain.z: chain.y ; cp $< $@
