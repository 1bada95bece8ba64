# A variable only from the environment may be unset.
#env: A=1
undefine A
all: ; @echo "[$$A]" '[$(A)]' $(origin A)
