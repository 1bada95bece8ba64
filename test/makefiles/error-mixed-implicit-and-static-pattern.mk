# Implicit and static pattern rules may not be mixed.
%.o: %.o: %.c ; @echo no
