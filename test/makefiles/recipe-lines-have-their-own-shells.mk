# Each line has its own shell.
all:
	@cd /; X=1
	@test "$$PWD" != / && echo "[$$X]"
