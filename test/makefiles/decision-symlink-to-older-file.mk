# The time of a link is that of what it leads to.
#file: real@5
#link: dep -> real
#file: out@10
out: dep ; @echo never
