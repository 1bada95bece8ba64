# Options may follow goals and variables.
#args: b -n a X=y -k
a b: ; echo $@ $(X)
