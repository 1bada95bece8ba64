#args: prog
#args: prog
#args: prog2
#args: prog3 X=1
#args: -j4 --output-sync prog4
#file: lib@10
#file: lib2@10
#file: lib3@10
#file: lib4@10
#file: prog@20
#file: prog2@20
#file: prog3@20
#file: prog4@20
prog: lib ; @echo link
lib: dir ;
prog2: lib2 ; @echo link
lib2: dir
prog3: lib3 ; @echo link
lib3: dir ;
prog4: lib4 ; @echo link
lib4: dir ;
.PHONY: dir
dir: ; @test -n '$(X)' || touch lib lib2 lib4
