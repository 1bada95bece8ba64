# A pattern's += of a variable that the command line sets, or the environment with -e, appends the value from there once more.
#args: A=cmd
#args: A='$(B)' B=x
#env: A=env
#args: -e
A = g
%.x: A += px
%.y: A += 1
%.y: A += 2
%.z: A := s
%.z: A += 4
%.w: override A += ov
%.v: A = set
%.u: A ?= if
t: A += tt
o.x: A += own
all: a.x o.x a.y a.z a.w a.v a.u t c.x
c.x: d.x
a.x o.x a.y a.z a.w a.v a.u t c.x d.x: ; @echo '$@ [$(A)] $(origin A) $(flavor A)'
