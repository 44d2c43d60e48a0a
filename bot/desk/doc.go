// Package desk holds the rules. A Desk is all that the service remembers about
// one customer; an Input is something that happened; Decide returns the Change
// that it causes: the next desk, the lines of the timeline, the news to tell.
//
//	change := desk.Decide(d, in, now)
//
// Nothing here does I/O, starts a goroutine or asks for the time. Decide has no
// error result: refusing is an answer to the asker and a line on the timeline.
// One file per input; may.go is the one table of who may do what, deadlines.go
// the one list of moments at which a desk has something to do.
//
// What the rules rely on: the caller passes a now that never runs backwards
// (Decide clamps it to Desk.At anyway), inputs carry their identity, and the
// Terms of the customer are attached before Decide is called.
package desk
