# -q when a file cannot be made.
#args: -q
all: missing ; @echo never
