# -q and -t together.
#args: -q -t new
#args: -t -q new
#args: -n -t other
new other: ; @echo never
