#args: -r --trace t3
#args: -r --trace t3
#args: -r --trace u3
#args: -r --trace v3
#file: eff.h@10
#file: v3@20
# Of a group of which another target does not exist --trace names the prerequisites.
t3 t1 &: ; touch $@
u3 u1 &: eff.h ; touch $@
v3 v1 &: eff.h | t3 ; touch $@ # $?
