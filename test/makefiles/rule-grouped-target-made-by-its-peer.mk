#args: a b
#args: -t -k a
# A target that its peer has made on the way is made again, and what comes behind waits for that.
.SILENT:
all: b c ; echo $@
b a &: all ; echo $@
c: ;
