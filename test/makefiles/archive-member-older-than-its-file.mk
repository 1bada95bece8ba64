#args: -r mylib.a
#args: -r mylib.a
#args: -r newer mylib.a
#args: -r mylib.a
#file: b.c@0
mylib.a: mylib.a(b.o) ; ar -rcU $@ $?
(%): % ;
%.o: %.c ; cp -p $< $@
newer: ; touch -d @1750000000 b.c
