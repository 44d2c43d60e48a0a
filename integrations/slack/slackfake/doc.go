// Package slackfake is a hostile fake of Slack for tests: one HTTP server on a
// free port of 127.0.0.1 that speaks the Web API under /api/ and Socket Mode on
// the link that apps.connections.open returns. It remembers channels, people,
// messages, views and files as Slack does, refuses what Slack refuses, and fails
// when a test tells it to: rate limits in three shapes, dropped and half-open
// connections, redeliveries, poisoned events.
//
// A test reads as a story:
//
//	s := slackfake.New(t)
//	s.Staff("U01", "张工")
//	s.Customer("U77", "李华", "T0ACME")
//	s.Channel("C0FRONT", slackfake.SharedWith("T0ACME"))
//	// start the bot with s.URL(), s.AppToken, s.BotToken
//	s.Connected(1)
//	said := s.Say("C0FRONT", "U77", "数据库主机出现勒索提示")
//	said.Acked()
//	card := s.Expect("C0FRONT", "安全事件")
//	s.Fail("chat.update", slackfake.RateLimited(time.Second).In("C0FRONT"))
//	s.Press("U01", card.TS, "/claim 1")
//
// Waiting is bounded and needs no sleep: every wait wakes when the state changes
// and fails the test when its patience is over. A call of a method the fake does
// not know fails the test, as does an acknowledgement of an envelope that was
// never sent.
//
// What it keeps of the protocol: an envelope goes to one of the open connections;
// without an acknowledgement within 3 s it comes again, at once, after 1 min and
// after 5 min, in a new envelope with retry_attempt, retry_reason and the same
// event_id; commands and clicks come once. An event for which no connection is
// open within 3 s counts as not acknowledged. A trigger_id lives 3 s and opens
// one modal, a response_url takes five answers within 30 min, both by the clock
// of the fake, which Skip moves. Every ts is unique and has six decimals. The
// app's own posts, edits and deletions come back as events. Blocks and views are
// held to the limits of Block Kit.
//
// Two clients judge it in its own tests: slack-go, and the official @slack/bolt,
// for which `npm ci` in testdata/bolt installs what package-lock.json names.
//
// Oddities, 2026-11-23. Deleting a message with answers leaves a tombstone and
// arrives as message_changed. chat.update without blocks keeps the old ones;
// with an empty list it clears them. Stricter than Slack is said to be:
// chat.postMessage answers thread_not_found for a thread_ts that never was.
// Looser: a stranger's slash command and shortcut are delivered, though Slack may
// not offer them to people of other workspaces; a late acknowledgement still ends
// the redeliveries. Not here: groups of several people, scheduled messages,
// streaming, and the HTTP mode.
package slackfake
