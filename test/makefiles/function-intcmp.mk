# $(intcmp) compares whole numbers.
$(info [$(intcmp 1,2,lt,eq,gt)] [$(intcmp 2,2,lt,eq,gt)] [$(intcmp 3,2,lt,eq,gt)])
$(info [$(intcmp 1,2)] [$(intcmp 2,2)] [$(intcmp 02,2)] [$(intcmp 3,2,lt)] [$(intcmp 3,2,lt,ge)] [$(intcmp 2,2,lt,ge)])
$(info [$(intcmp -5,3,lt,eq,gt)] [$(intcmp 99999999999999999999999,99999999999999999999998,lt,eq,gt)] [$(intcmp -0,0,lt,eq,gt)])
all: ;
