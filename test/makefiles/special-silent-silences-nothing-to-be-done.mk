# .SILENT and -s also silence what make says when there is nothing to do.
#args: done
#args: -f loud.mk done
#file: loud.mk = done:
.SILENT:
done:
