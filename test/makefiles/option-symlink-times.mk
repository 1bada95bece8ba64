# -L counts the newest of a link and what it leads to.
#args: out
#args: -L out
#file: real@5
#file: out@10
#link: link -> real
#run: touch -h -d 2021-01-01 link; $MAKE out; $MAKE -L out
out: link ; @echo remaking
