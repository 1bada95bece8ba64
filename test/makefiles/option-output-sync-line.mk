# -Oline keeps each line's output together.
#args: -j2 -Oline
WAIT = while test ! -e $(1); do sleep 0.02; done
all: a b
a:
	@echo a1; $(call WAIT,b.started); echo a2
	@$(call WAIT,b.nearly); echo a3
b:
	@echo b1; touch b.started; sleep 0.5; echo b2
	@touch b.nearly; sleep 0.5; echo b3
