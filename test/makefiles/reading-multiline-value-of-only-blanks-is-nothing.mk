# A line that expands to nothing is nothing.
E =
$(E)
  $(E)  
all: ; @echo fine
