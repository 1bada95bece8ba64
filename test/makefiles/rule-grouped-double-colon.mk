# Grouped double-colon targets.
all: a b c
a b &:: ; @echo first $@
b c &:: ; @echo second $@
