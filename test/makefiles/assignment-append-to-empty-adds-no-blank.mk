# += to an empty value adds no blank in front.
E =
E += a
F := 
F += a
all:
	@echo '[$(E)][$(F)]'
