# A target named twice in one group.
t1 t1 &: src ; @echo '$@ $^'
src: ;
