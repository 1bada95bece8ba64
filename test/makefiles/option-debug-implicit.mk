# --debug=implicit tells of the search for a rule.
#run: $MAKE -r --debug=implicit | sed '/^GNU Make/,/permitted by law/d'
#file: a.in@20
all: a.out
%.out: %.none ; @echo never
%.out: %.in ; @echo $@
