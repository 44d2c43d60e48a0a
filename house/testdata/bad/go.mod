module butler

go 1.26

require (
	example.com/queue v1.2.3
	example.com/stale v1.0.0 // indirect
	example.com/wrong v1.0.0
)

require example.com/silent v0.1.0
