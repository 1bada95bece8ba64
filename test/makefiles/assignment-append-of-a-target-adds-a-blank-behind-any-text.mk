# A target's += adds a blank behind what is there, whatever it adds itself; in front of nothing it adds none
V += v
G = g
N =
S := s
P = p
t: V += $(E)
t: G += $(E)
t: N += $(E)
t: S += $(E)
t: Y += $(E)
u: V += $(E)
u: G += $(E)
u: N += n
u: S += $(E)
u: Y += y
w: V += $(E)
w: G += $(E) x
w: N += $(E)
w: S +=
w: Y += $(E)
p%: P += $(E)
px: P +=
py: P += $(E)
export V
all: t px py
t: u ; @echo 't [$(V)] [$(G)] [$(N)] [$(S)] [$(Y)]'; echo "[$$V]"
u: w ; @echo 'u [$(V)] [$(G)] [$(N)] [$(S)] [$(Y)]'; echo "[$$V]"
w: ; @echo 'w [$(V)] [$(G)] [$(N)] [$(S)] [$(Y)]'; echo "[$$V]"
px py: ; @echo '$@ [$(P)]'
