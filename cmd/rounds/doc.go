// Package rounds makes the rounds of our own probes (integrations/probe) for every
// customer, and hands what they saw to the customer's desk (docs/inspection.md).
//
//	r := rounds.New(rounds.Options{Prober: p, Store: store, Directory: b.Directory, Handle: b.Handle})
//	go r.Run(ctx)   // makes what is due or asked for
//	r.Beat()        // every few seconds, by one replica at a time: finds out what is due
//	r.Watch(c)      // after each commit: what people asked for is looked at at once
//
// Read Plan first: the rule that says what is looked at when. Then Rounds.round: one
// round of one customer.
//
// # Two processes, and a restart
//
// What was looked at when is kept in the store under rounds/<customer>. Whoever makes
// a round takes the turn that is named after the number of the round before; only
// writing the next number frees the customer. So two processes that find the same
// customer due make one round, and a process that dies holds a customer up no longer
// than a turn lasts. The next visit follows from the last one, so a restart moves
// nothing.
//
// # Nothing lost, nothing twice
//
// What a desk is to be told is written down before it is told, with its identity, and
// crossed out after the commit. Whatever dies in between, the same words are told
// again under the same identity, and the desk takes them once.
package rounds
