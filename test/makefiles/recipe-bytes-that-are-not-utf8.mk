# Names and text may be any bytes.
#run: printf 'all: f\\351\n\t@printf "%%s\\n" "\\377 $^" | od -An -tx1\nf\\351:\n\ttouch $@\n' | sed 's/\\351/\xe9/g; s/\\377/\xff/g' > x.mk; $MAKE -s -f x.mk; rm x.mk
