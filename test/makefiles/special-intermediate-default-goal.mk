#args: -r -f M1
#args: -r -f M2
#args: -r -f M3
#args: -r -f M4
#args: -r -f M5
#args: -r -f M6
#file: M1 = .INTERMEDIATE: out.x
#+all: out.x; :
#+out.x: ; touch $@
#file: M2 = .INTERMEDIATE: out.x
#+out.x: %.o: ; touch $@
#file: M3 = .INTERMEDIATE: out.x
#+-include inc.mk
#+inc.mk: out.x; :
#+out.x: ; touch $@
#file: M4 = .INTERMEDIATE: out2.x
#+out2.x: ; touch $@
#file: M5 = .INTERMEDIATE: out3.x
#+all: ; touch $@
#+out3.x: %.x: ; touch $@
#file: M6 = .INTERMEDIATE: out4.x
#+all: | out4.x ; touch $@
#+out4.x: %.x: ; touch $@
# Of the goals only those named on the command line are no intermediate files.
