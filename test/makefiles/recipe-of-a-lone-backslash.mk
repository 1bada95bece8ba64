# A recipe that is nothing but a backslash and a newline.
all: ; \

