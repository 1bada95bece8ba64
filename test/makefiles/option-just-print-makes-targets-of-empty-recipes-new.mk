# With -n a target whose recipe has nothing to print counts as remade, unless all its lines would run even so
#file: a1@10
#file: a2@10
#file: a3@10
#file: a4@10
#file: a5@10
#file: a6@10
#file: a7@10
#file: a8@10
#file: b1@20
#file: b2@20
#file: b3@20
#file: b4@20
#file: b5@20
#file: b6@20
#file: b7@20
#file: b8@20
#args: -n
#args: -n -B
#args: -t
#args:
all: b1 b2 b3 b4 b5 b6 b7 b8
define lines
$(E)
+@echo r
endef
a1: FORCE ; $(E)
a2: FORCE ;
a3: FORCE
a4: FORCE ; @:
a5: FORCE ; $(if $(E),,+)
a6: FORCE
	$(lines)
a7: FORCE
	$(E)
	+@echo r
a8: FORCE
	+@echo r
	@$(E)
b%: a% ; echo $@ '$?'
FORCE:
