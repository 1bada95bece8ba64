# A backslash makes a percent sign ordinary.
#args: 'a%b.o' 
a\%%.o:
	@echo $@ stem '$*'
