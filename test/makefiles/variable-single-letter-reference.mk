# A dollar and one character is a reference; more needs parentheses.
A = x
AB = y
all:
	@echo $A $AB $(AB) ${AB}
