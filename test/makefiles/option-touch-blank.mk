#args: -t -f M1
#args: -t -f M2
#args: -t -f M3
#args: -t -f M4
#args: -t -f M5
#args: -t -f M6
#args: -t -f M7
#args: -t -f M8
#args: -t -f M9
#file: M1 = all1: ; +echo 1
#+	
#file: M2 = all2: 
#+	
#+	+echo 1
#file: M3 = all3: ; +echo 1
#+	$(E)
#file: M4 = all4: ; +echo 1
#+	@$(E)
#file: M5 = all5: ; +echo 1
#+	+
#file: M6 = all6: ; +echo 1
#+	@+
#file: M7 = all7: ; +echo 1
#+	# comment
#file: M8 = all8: ; +echo 1
#+	$(MAKE)
#+	-
#+	+echo 2
#file: M9 = all9: ; @
# Under -t a blank line is one that is left out.
