# -W takes a file as just changed.
#args: -W src
#args: -n --what-if=src
#file: src@1
#file: out@10
out: src ; @echo making $@
