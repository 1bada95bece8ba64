all: ; @echo $(sort a é b z A € 0 Ã¤ aé ab a€ a)
