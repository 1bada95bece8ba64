# A rule without prerequisites gets those that the rule tried before it had found.
#args: -r x
#file: x
#file: eff.h@10
%: eff.h %.y ; @echo one '$^'
%: ; @echo two '$^'
Makefile eff.h: ;
