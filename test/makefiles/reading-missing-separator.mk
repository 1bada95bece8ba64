# A line that is nothing known stops make.
A = 1
hello world
all:
