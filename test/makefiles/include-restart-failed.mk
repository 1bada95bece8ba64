#args: -f M1 all
#args: -f M2 all
#args: -f M3 all
#args: -f M4 all
#args: -f M5 all
#file: g4@1
#file: src@2
#file: M1 = $(info r$(MAKE_RESTARTS))
#+-include g1
#+g1: ; touch $@ ; false
#+all: ; : all
#file: M2 = $(info r$(MAKE_RESTARTS))
#+-include g2 h2
#+g2: ; touch $@
#+h2: ; touch $@ ; false
#+all: ; : all
#file: M3 = $(info r$(MAKE_RESTARTS))
#+-include h3 g3
#+g3: ; touch $@
#+h3: ; touch $@ ; false
#+all: ; : all
#file: M4 = $(info r$(MAKE_RESTARTS))
#+-include g4
#+g4: src; touch $@ ; false
#+all: ; : all
#file: M5 = $(info r$(MAKE_RESTARTS))
#+-include g5
#+g5: h5; false
#+h5: ; touch $@ g5
#+all: ; : all
# A makefile whose remaking failed is no reason to start over, though it changed.
