# A recipe ended by a signal.
#args: -k
all: term kill segv
term: ; @kill -TERM $$$$
kill: ; @kill -KILL $$$$
segv: ; @ulimit -c 0; kill -SEGV $$$$
