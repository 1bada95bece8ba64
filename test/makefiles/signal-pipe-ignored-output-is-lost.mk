# Whoever ignores SIGPIPE hears of lost output in the end.
#run: trap '' PIPE; { $MAKE 2>err; echo "[$?]" >>err; } | true; sleep 0.5; cat err; rm err
$(shell sleep 0.3)
all: ; $(info one)$(info two)@:
