# Dependency files made by a pattern rule.
#file: a.c
-include a.d
all: ; @echo '$(A)'
%.d: %.c ; @echo 'A = from $<' > $@
