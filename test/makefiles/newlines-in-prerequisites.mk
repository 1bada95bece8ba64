#args: -r a b c d e f
define nl


endef
a: 1 $(nl) ; @:
b: 2$(nl) ; @:
c: $(nl)3 ; @:
d: 4$(nl)5 ; @:
e: 6 $(nl) 7 $(nl)8 ; @:
f: $(nl)$(nl) ; @echo f
%: ; $(info made [$(subst $(nl),N,$@)])@:
