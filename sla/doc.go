// Package sla is the arithmetic of promises: editions and their rows, ladders,
// clocks that pause and never shorten, the working-day calendar, the duty
// roster, and the explanation of a deadline. It is pure: no I/O, no goroutine,
// no call for the time. The numbers come from chapter 5 and §3.2 of the service
// whitepaper; each row of an edition names its clause.
//
// The main path:
//
//	row, ok := edition.Row(sla.IncidentUrgent)   // what the contract says
//	clock := sla.Start(at, row.Respond, cause)   // a promise begins to run
//	clock = clock.Raise(at, shorter, cause)      // …is changed, paused, resumed
//	due, running := clock.Due()                  // …and always knows its deadline
//	clock.Explain(…)                             // …and how that came about
package sla
