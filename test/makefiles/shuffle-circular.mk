#args: -r --shuffle=reverse -f M1
#args: -r --shuffle=reverse -f M2
#args: -r --shuffle=reverse -f M3
#args: -r --shuffle=reverse -f M5
#args: -r --shuffle=reverse -f M6
#args: -r --shuffle=reverse -f M6 a b c
#args: -r --shuffle=reverse -f M7
#args: -r --shuffle=reverse -f M8
#args: -r --shuffle=reverse -f M9
#args: -r --shuffle=reverse -f MA
#file: dir/aitch.c@20
#file: eff.h@20
#file: dee.c@20
#file: M1 = all: all dir/aitch.c
#+	: '$^' '$+' '$?' '$<'
#file: M2 = %.y: eff.h %
#+	: '$^' '$+' '$?' '$<'
#+all: all.y
#+	: '$^' '$+' '$?' '$<'
#file: M3 = %.o: % eff.h
#+	: '$^' '$+' '$?' '$<'
#+all: all.o
#file: M5 = all: x all y all z
#+	: '$^' '$+' '$?' '$<'
#+x y z:; : $@
#file: M6 = all: x y z x y
#+	: '$^' '$+' '$?' '$<'
#+x y z:; : $@
#+a b c:; : $@
#file: M7 = all: x y all
#+	: '$^' '$+' '$?' '$<'
#+x y z:; : $@
#file: M8 = all: all x y
#+	: '$^' '$+' '$?' '$<'
#+x y z:; : $@
#file: M9 = all: p
#+	: '$^' '$+' '$?' '$<'
#+p: x all y q
#+	: '$^' '$+' '$?' '$<'
#+x y q z:; : $@
#file: MA = .INTERMEDIATE: p
#+all: p
#+	: '$^' '$+' '$?' '$<'
#+p: x all y all q
#+	: '$^' '$+' '$?' '$<'
#+x y q z:; : $@
# What goes for a circle is what would have been looked at there without --shuffle.
