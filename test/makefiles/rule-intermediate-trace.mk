#args: -r --trace -f M1
#args: -r --trace -f M2
#args: -r --trace -f M3
#args: -r --trace -f M4
#args: -r --trace -f M5
#args: -r --trace -f M6
#args: -r --trace -f M7
#args: -r --trace -f M8
#args: -r --trace -f M9
#file: old@1
#file: new@40
#file: all@30
#file: M1 = .INTERMEDIATE: i
#+all: i old ; @: all $?
#+i: new ; @: i
#file: M2 = .INTERMEDIATE: i
#+all: i new old ; @: all $?
#+i: new ; @: i
#file: M3 = .INTERMEDIATE: i
#+all: i new2 old ; @: all $?
#+i: new ; @: i
#+new2:
#file: M4 = .INTERMEDIATE: i
#+all: old | i ; @: all $?
#+i: new ; @: i
#file: M5 = .INTERMEDIATE: i j
#+all: old i j ; @: all $?
#+i: new ; @: i
#+j: old; @: j
#file: M6 = .INTERMEDIATE: i j
#+all: old j new; @: all $?
#+j: old; @: j
#file: M7 = .SECONDARY: j
#+all: old j ; @: all $?
#+j: ; @: j
#+.PHONY: j
#file: M8 = .INTERMEDIATE: i j
#+all: old j; @: all $?
#+j: old; @: j
#file: M9 = .INTERMEDIATE: i j
#+all: new old j | i; @: all $?
#+j: old; @: j
#+i: old; @: i
# A prerequisite that is an intermediate file and not there is a reason under --trace, but no part of $?.
