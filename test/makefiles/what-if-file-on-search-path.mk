#args: -W x-dir/x
#args: -W ./x-dir/x
#args: -W .//x-dir/x P=./x-dir
#args: -W x
#args: -o z-dir/q z
#args: -o ./z-dir/q z P=./z-dir
#args: z P=./z-dir
#file: x-dir/x@0
#file: y@10
#file: z-dir/q@10
#file: z@0
P = x-dir z-dir
VPATH = $(P)
y: x ; @echo cp $< $@
z: q ; @echo cp $< $@
