# A function's name alone, not closed.
#args: -f a.mk
#args: -f b.mk
#args: -f c.mk
#file: a.mk = $(word
#file: b.mk = ${word
#file: c.mk = x $(wordless
