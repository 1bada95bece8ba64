#args:
# The variables of a recipe's environment are expanded in the order of GNU make's hash table.
NAMES = A B C D foo bar list five5 sixsix sevens7 eighteig nine_nine tenten1010 eleveneleve twelvetwelve thirteenteens \
  a_much_longer_name_than_a_block an_even_longer_name_than_two_blocks_of_text
$(foreach name,$(NAMES),$(eval export $(name) = $$(info $(name))))
all: export E = $(info E)
all: ; @echo done
