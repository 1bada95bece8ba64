# A prerequisite that is there is found, known or not; one that is known and on the search path alone does not qualify first.
#run: $MAKE -n --debug=i -r | sed "1,/^Updating goal/d"
#file: there.c
#file: d/path.c
.SUFFIXES:
VPATH = d
all: there.z path.z there.c path.c
%.z: %.c ; @echo $@ $<
