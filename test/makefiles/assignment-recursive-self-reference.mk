# A recursive variable that needs itself stops make.
A = $(B)
B = x $(A)
all:
	@echo $(A)
