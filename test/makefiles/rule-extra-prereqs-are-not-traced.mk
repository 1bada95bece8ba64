# --trace does not name extra prerequisites among what is newer.
#args: --trace x y
#file: x@1
#file: y@1
#file: u@2
#file: t@3
.EXTRA_PREREQS = u
x: t ; @echo $@ $?
y: ; @echo $@ $?
