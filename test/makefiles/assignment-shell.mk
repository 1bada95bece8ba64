# != runs a command at once and folds newlines.
#run: $MAKE; echo $?
A != printf 'one\ntwo\n\n'
B != exit 3
S := $(.SHELLSTATUS)
all:
	@echo '[$(A)] [$(B)] $(S)'
