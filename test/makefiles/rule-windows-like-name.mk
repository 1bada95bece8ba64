# A single letter and a colon is no drive here.
all: c ; @echo '$^'
c: d ; @echo c from d
d:
