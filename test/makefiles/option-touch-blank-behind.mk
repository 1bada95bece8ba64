#args: -t -f M1
#args: -t -f M2
#args: -t -f M3
#args: -t -f M4
#args: -t -f M5
#args: -t -f M6
#file: M1 = all1: ; +echo 1
#+	echo 2
#+	
#file: M2 = all2: ; +echo 1
#+	echo 2
#+	@
#file: M3 = all3: ; +echo 1
#+	echo 2
#+	+echo 3
#+	@
#+	$(E)
#file: M4 = all4: ; +echo 1
#+	echo 2
#+	+echo 3
#+	@$(E)
#file: M5 = all5: ; +echo 1
#+	echo 2
#+	$(E)
#file: M6 = all6: ; +echo 1
#+	echo 2
#+	+
# Under -t a target is touched once more for what is left out behind the last line that ran.
