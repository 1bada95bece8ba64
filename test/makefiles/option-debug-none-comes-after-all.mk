# --debug=none takes back what -d, --trace and the levels before it ask for; without any level -d is gone.
#args: -s -d --debug=none
#args: -s --trace --debug=n --debug=p
#args: -s --debug=p,n --trace
all: ; @echo '$(MAKEFLAGS)'
