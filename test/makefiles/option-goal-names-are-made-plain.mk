# A goal's `~` is expanded, and `./` before it goes away, in MAKECMDGOALS too.
#run: HOME=/home/of/nobody $MAKE ./a .//./b '~/c' ./
%: ; $(info $@ of $(MAKECMDGOALS))
