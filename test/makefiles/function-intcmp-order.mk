#args: --warn-undefined-variables -f M1
#args: --warn-undefined-variables -f M2
#args: --warn-undefined-variables -f M3
#args: --warn-undefined-variables -f M4
#args: --warn-undefined-variables -f M5
#args: --warn-undefined-variables -f M6
#args: --warn-undefined-variables -f M7
#args: --warn-undefined-variables -f M8
#args: --warn-undefined-variables -f M9
#file: M1 = $(intcmp ,$(l1))
#file: M2 = $(intcmp x,$(l1),$(l2))
#file: M3 = $(intcmp $(l1),$(l2),$(l3))
#file: M4 = $(intcmp 1,x$(l2),$(l3))
#file: M5 = $(word x,$(l3))
#file: M6 = $(wordlist x,y,$(l3))
#file: M7 = $(intcmp 1,$(l2),$(l3))
#file: M8 = $(or $(l1)$(info a),b,$(l2))
#file: M9 = $(intcmp 1,1,$(l2),$(info $(l3)),$(l4))
# Both numbers are expanded before either is read.
