# A pattern in grouped targets' static form.
a.1 b.1 &: src ; @echo '$@ $<'
src: ;
