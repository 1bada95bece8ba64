# A name with a trailing slash is another name.
all: d/ ; @echo '$^'
d/: ; @echo making $@
