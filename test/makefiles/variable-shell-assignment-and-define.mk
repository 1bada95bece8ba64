# != in define form with several lines, which are one shell script.
define A !=
echo a b &&
echo c
endef
all: ; @echo '[$(A)]'
