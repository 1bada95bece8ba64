# A chain with a middle that does not change stops there.
#file: top@10
#file: mid@5
#file: src@7
all: top
top: mid ; @echo making top
mid: src ; @echo leaving mid alone
