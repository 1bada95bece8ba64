# Sub-makes draw on the slots of the top make.
#args: -j2 --no-print-directory
#file: sub.mk
#+all: $(T)1 $(T)2
#+$(T)1 $(T)2: ; @mkdir slot.1 2>/dev/null && s=1 || { mkdir slot.2 && s=2; }; sleep 0.2; rmdir slot.$$s; echo done
all: x y
x y: ; @+$(MAKE) -f sub.mk T=$@
