# D and F forms.
dir/out.x: p/q/a.c b.c p/c.h
	@echo '$(@D) $(@F) $(<D) $(<F) $(^D) $(^F) $(+D) $(?F) $(*D)'
	@echo '${@D} $(@D:dir=x)'
p/q/a.c b.c p/c.h: ;
