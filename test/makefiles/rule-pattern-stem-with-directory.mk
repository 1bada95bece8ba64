# If the pattern has no slash the directory is taken off and put back.
#file: src/ecar
#args: src/car
e%r: ;
%r: e%r
	@echo $@ $< $*
c%r: e%
	@echo never
