# -q says by its status whether something is to be done.
#args: -q old
#args: -q fresh
#args: -q missing
#file: src@10
#file: old@1
#file: fresh@20
old fresh: src ; @echo never
