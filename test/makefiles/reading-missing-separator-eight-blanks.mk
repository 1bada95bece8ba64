# Eight blanks where a tab should be get a hint.
all:
        echo hello
