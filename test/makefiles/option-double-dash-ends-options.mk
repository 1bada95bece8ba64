# Behind -- a word with a dash is a goal.
#args: -- -goal X=1
-goal: ; @echo made $@ '$(X)'
