# SUFFIXES holds the default list.
all: ; @echo '$(wordlist 1,5,$(SUFFIXES))'
