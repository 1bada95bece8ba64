# All grouped targets that changed are deleted.
.DELETE_ON_ERROR:
a b &: ; @echo x > a; echo y > b; false
