// Package dingfake is a hostile fake of DingTalk for tests: one HTTP server on a
// free port of 127.0.0.1 that speaks the Stream gateway with its WebSocket, the
// OpenAPI under /v1.0/, the session webhooks, and the few calls of the old API
// that are still needed. It remembers groups, people, messages, cards, DINGs and
// files as DingTalk does, refuses what DingTalk refuses, and fails when a test
// tells it to: throttling as 403, pages of HTML, failures inside a 200, sockets
// that drop, freeze, or live and deliver nothing.
//
// A test reads as a story:
//
//	s := dingfake.New(t)
//	s.Staff("staff01", "张工")
//	s.External("lihua", "李华")
//	s.Group("cidFRONT==", dingfake.With("staff01", "lihua"))
//	// start the bot with s.URL(), s.ClientID, s.ClientSecret, s.RobotCode, s.Template
//	s.Connected(1)
//	said := s.Say("cidFRONT==", "lihua", "@管家 网站打不开了,全是博彩")
//	said.Acked()
//	card := s.Expect("cidFRONT==", "安全事件")
//	s.Fail("/v1.0/card/instances", dingfake.QPS())
//	s.Press("staff01", card.Card, map[string]any{"command": "/claim 1"}).Acked()
//
// Waiting is bounded and needs no sleep: every wait wakes when the state changes
// and fails the test when its patience is over. A call the fake does not know
// fails the test, as does an acknowledgement of a push that was never sent, a ping
// that is not echoed, and an update of a card whose callback is not answered yet.
//
// What it keeps of the protocol: a ticket is good for one handshake within 90 s; a
// push goes to one of the connections that asked for its topic, at random. A
// message or a click that nobody takes is lost, as documented; Repush brings it
// again as others have seen it. Events come again until they are answered with
// SUCCESS. In groups the bot hears only what is @-ed to it, and no audio, video or
// file. Tokens live two hours, session webhooks 90 minutes, messages can be
// recalled and asked about for 24 hours: all by the clock of the fake, which Skip
// moves. A click is answered within 2 s by the clock of the machine.
//
// Two clients judge it in its own tests: dingtalk-stream-sdk-go, and the official
// dingtalk-stream for Node, for which `npm ci` in testdata/node installs what
// package-lock.json names.
//
// # Oddities, 2026-11-23
//
// Documented, and easily overlooked: oToMessages/batchSend and otoMessages/batchRecall
// are spelled differently; a card update overwrites everything unless it is by key; a batch,
// a DING and a delivery of cards say in a 200 whom they did not reach.
//
// Seen by others, 2026: an expired session webhook answers 300001 inside a 200; an
// invalid token is HTTP 400 InvalidAuthentication, not 401; quoting a message of the
// robot sends its processQueryKey as originalProcessQueryKey; without an Accept header
// the gateway answers XML (a comment in the Node client).
//
// Where the sources leave a choice: the twenty a minute are counted over all session
// webhooks of the robot, or for each room with WebhookPerRoom; beyond them comes
// 410100 as a number, or as a string with StringCodes; the data of an event frame is
// the inner object, or stands in an envelope with Enveloped, as DingTalk prints it; a
// message that comes again keeps the messageId of its push, or has a new one with
// FreshPushIDs; a dead connection may still get SYSTEM pings (Zombie) or not (Mute).
// An @ at a webhook notifies people of the group; in markdown only those whose @ and
// id stand in the text.
//
// Not known, and decided here: a click of an external member has an empty userId; an
// outTrackId is used up even when its card reached nobody; @ of
// other people stays in the text of a message; the right to recall ends after 24 hours
// in groups too; a call beyond the quota of the month is not counted; an event comes
// again after 10, 30 and 60 s; the gateway pings every 10 s; what a callback beyond the
// quota has besides errorMessage; statuses of HTTP for scene groups; a download link
// does not age.
//
// Not here: callbacks over HTTP, custom robots with a sign or keywords, private
// chats of people, work notifications, the contact lists.
package dingfake
