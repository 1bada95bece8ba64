#args: foo
#args: foo2
foo: foo%: % b% %.x | % c% ; @echo "[$^] [$+] [$|] [$*]"
b c .x: ; @echo $@
.DEFAULT: ; @echo default $@
foo2: foo2%: % %.y y.% % ; @echo $@ "[$^]"
