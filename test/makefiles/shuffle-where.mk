#args: -r --shuffle=reverse -f M1
#args: -r --shuffle=reverse -f M2
#args: -r --shuffle=reverse -f M3
#args: -r --shuffle=reverse -f M4
#args: -r --shuffle=reverse -f M5
#args: -r --shuffle=reverse -f M6
#args: -r --shuffle=reverse -f N2 all
#args: -r --shuffle=reverse -f N3
#args: -r --shuffle=reverse -f N4
#args: -r --shuffle=reverse -f N5
#file: a@20
#file: M1 = .INTERMEDIATE: p q r
#+all: p q r
#+	: '$^' '$+' '$?' '$<'
#+p q r: a ; : $@
#file: M2 = .INTERMEDIATE: p q r
#+all: p q all r
#+	: '$^' '$+' '$?' '$<'
#+p q r: a ; : $@
#file: M3 = include c d e
#+c d e: ; touch $@
#+all: ; :
#file: M4 = all b &: x y
#+	: '$^' '$+' '$?' '$<'
#+b: u v
#+x y u v: ; : $@
#file: M5 = all b &: x y all
#+	: '$^' '$+' '$?' '$<'
#+b: u v b w
#+x y u v w: ; : $@
#file: M6 = all: x y | u all v
#+	: '$^' '$+' '$?' '$<' '$|'
#+x y u v w: ; : $@
#file: N2 = include c
#+%: | x y; : $@
#+c: ;
#+x: x1 x2 ; :
#+all: ; :
#+y x1 x2: ; : $@
#+.PHONY: x x1 x2 y
#file: N3 = .SECONDEXPANSION:
#+all: $$(A) b
#+b: x1 x2
#+A = x y
#+x y x1 x2: ; : $@
#file: N4 = all:: x1 x2 ; : $@
#+all:: y1 y2 ; : $@
#+x1 x2 y1 y2: ; : $@
#file: N5 = .SECONDEXPANSION:
#+include c
#+c: | $$(A) b ; touch $@
#+b: x1 x2
#+A = x y
#+all: $(A) ; :
#+x y x1 x2: ; : $@
# --shuffle is for goals and what is behind them, and for what a search or a second expansion has found.
