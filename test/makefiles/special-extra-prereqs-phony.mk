#args: -r -f M1
#args: -r -f M2
#args: -r -f M3
#args: -r -f M4
#file: M1 = .EXTRA_PREREQS = t3
#+.PHONY: prog
#+all: prog
#file: M2 = .EXTRA_PREREQS = t3
#+t3: ; : $@
#+.PHONY: prog x
#+all: prog t4
#+t4: ; : $@
#file: M3 = .EXTRA_PREREQS = t3
#+t3: ; : $@
#+.PHONY: prog x
#+.SILENT: y
#+.SECONDARY: z
#+all: y ; :
#file: M4 = .EXTRA_PREREQS = t3
#+t3: ; : $@
#+.SECONDARY: z
#+all: z ; :
# .EXTRA_PREREQS is for phony targets too.
