#args: --shuffle=reverse a_ b_ c_
%_: ; @echo $@
a_: x_ y_
a_: z_ .WAIT q_
b_: x1_ y1_
c_: x2_ y2_ | z2_ .WAIT w2_
