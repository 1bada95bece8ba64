# Lines may end in carriage return and newline.
#args: -f crlf.mk
#file: crlf.mk = A = one\r\nB = two\\\r\n  three\r\nall:\r\n\t@echo '[$(A)]' '[$(B)]'\r
