#args: --shuffle=reverse a_ b_ c_
#args: --shuffle=reverse a_ b_ c_ ALL=.NOTPARALLEL
%_: ; @echo $@
.NOTPARALLEL: a_
$(ALL):
a_: x_ y_
b_: x1_ y1_
