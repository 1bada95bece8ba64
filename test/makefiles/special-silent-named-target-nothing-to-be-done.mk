# .SILENT of one target does not silence that.
.SILENT: done
done:
