// Package bot is the shell around the rules. It carries: it finds the desk,
// asks it to decide, commits the change in one atomic write, and delivers what
// the commit put into the outbox. Read it top-down:
//
//	Hear     a platform's message becomes an input to one desk        hear.go
//	Handle   load, decide, commit; on a conflict load and decide again handle.go
//	Tick     desks whose alarm has come are handled with desk.Woke     tick.go
//	Deliver  letters leave the outbox, receipts come back as inputs    deliver.go
//	Audit    what should have happened and did not, said loudly        audit.go
//
// There is one door: everything that happens to a desk goes through Handle.
// There are three ports: Store (store.go), Platform (platform.go), and Advisor
// (advisor.go), which answers beside the path. What a platform may ask back stands
// in host.go, form.go and home.go; rooms are made and bound in rooms.go. The
// package imports no third party and never asks for the time:
// time comes with the desk, from the store. Who sleeps between two ticks is the
// caller's business (cmd/butler), so tests and the sandbox own time by owning
// the store's clock (Advance).
//
// What it guarantees: an input that Handle answered with nil is committed or
// was refused on the record; an input known already changes nothing; a letter is
// told at least once, and at most once unless a platform took it and the answer
// was lost; a broken rule parks its input and leaves the desk as it was.
package bot
