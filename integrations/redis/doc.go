// Package redis is the store of a butler that runs on more than one machine:
// bot.Store on Redis 7.0 or newer, alone, behind Sentinel, or as a Cluster.
//
// # Keys
//
// A customer lives in one shard, {sNN}, chosen by hash; the braces are Redis'
// hash tag, so one script may touch all keys of a customer and a Cluster spreads
// the shards. The number of shards is set once, by the first butler that opens
// the store, and kept in the key meta.
//
//	{sNN}:desk:<customer>             HASH    v · head · one field per case, named by its number
//	{sNN}:journal:<customer>          LIST    element k is the change k → k+1: op and record
//	{sNN}:seen:<customer>:<input>     STRING  the op that brought it; expires after bot.SeenFor
//	{sNN}:wakes                       ZSET    customer by wake, unix ms
//	{sNN}:urgent:<lane>  {sNN}:out:<lane>  LISTs  letters, oldest first
//	{sNN}:ready                       ZSET    lanes that hold a letter, by when they may be asked: spacing, backoff and lease in one number
//	{sNN}:hot                         ZSET    those of them that hold an urgent letter, by the same time; a hint: claim.lua asks ready
//	{sNN}:held                        HASH    lane → rest|lease|list|attempts urgent|attempts normal
//	{s00}:meta                        HASH    format and shards, set once
//	{s00}:replicas                    ZSET    live processes by last beat
//	{s00}:parked                      LIST    parked inputs, at most 1000
//	{s00}:turn:<job>                  STRING  who ran a job of the metronome last; expires
//
// Heads, cases and records are the JSON of package desk, packed (pack.go); plain
// JSON is read as well. A journal is never trimmed.
//
// # Guarantees
//
// A commit is one script: it checks everything before its first write, because
// Redis does not roll back, and writes all or nothing also when memory is short.
// The journal is the idempotency record: a script that go-redis repeats because
// the reply was lost finds its own op at the index it expected and answers
// "already applied". Claim and Settle are repeatable through the lease. So the
// retries of the client stay on.
//
// Redis' TIME is the only clock. A process never sees it run backwards: every
// script gets the latest time this process has seen as a floor.
//
// Reading what is due writes nothing. Processes share customers by rendezvous
// hash over those that beat; what its owner has not moved 150 ms after its time
// is offered to everybody.
//
// A lease is held by a process that lives: when one is gone for two seconds, or
// has closed its store, the others put its lanes back (orphan.go).
//
// A lane belongs to the shard of its customer. A lane that several customers
// share (a person's direct messages) exists once per shard that has a letter for
// it; one process never claims the same lane twice at a time, two processes may.
//
// # Oddities
//
//   - 2026-11, Redis 7.0.15: TIME is not frozen inside a script; read it once.
//   - 2026-11, Redis 7.0.15: a pipelined EVALSHA answers NOSCRIPT after a restart
//     and go-redis does not fall back to EVAL there; we load and repeat.
//   - 2026-11, Redis: a script without #! is checked for memory command by command,
//     so one that frees before it writes can stop half-way; ours declare flags.
//   - 2026-11, go-redis 9.23: a context's deadline counts only with
//     ContextTimeoutEnabled; a dead server otherwise takes 10 s to fail.
//   - 2026-11, go-redis 9.23: the client for a Cluster keeps asking a dead master
//     for a minute, although a replica took over; we make it look (open.go).
//   - 2026-11, go-redis 9.23: the errors of ParseURL quote the URL, password included.
package redis
