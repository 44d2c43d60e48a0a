// Package sla is the arithmetic of promises: editions and their rows, ladders,
// clocks that pause and never shorten, the working-day calendar, the duty
// roster, and the explanation of a deadline. It is pure: no I/O, no goroutine,
// no call for the time. The numbers come from chapter 5 and §3.2 of the service
// whitepaper; each row of an edition names its clause.
//
// The main path:
//
//	row, ok := edition.Row(sla.IncidentUrgent)                  // what the contract says
//	clock := sla.Start(sla.Mark{At: at, Promise: row.Respond})  // a promise begins to run
//	clock = clock.With(sla.Mark{At: at, Verb: sla.Raised, …})   // …is changed, paused, resumed
//	due, running := clock.Running()                             // …and always knows its deadline
//	clock.Explain(zone, "zh-CN", now)                           // …and how that came about
package sla
