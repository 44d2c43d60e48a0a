module butler

go 1.26
