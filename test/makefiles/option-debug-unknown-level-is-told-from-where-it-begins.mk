# A level of --debug that is unknown is told with all that follows it; a comma at the end is none.
#args: --debug=none,foo,jobs
#args: --debug=none,,b
#args: --debug=none,
all: ;
