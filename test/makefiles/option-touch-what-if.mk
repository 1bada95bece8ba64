# -t with -W.
#args: -t -W src out
#file: src@1
#file: out@10
out: src ; @echo never
