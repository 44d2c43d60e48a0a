// Package dingtalk is the platform DingTalk: it listens in Stream mode, so that no
// public address is needed, and speaks through the OpenAPI.
//
//	listen.go    a push becomes an answer: heard once, and acknowledged after that
//	lane.go      rooms side by side, each in its order
//	seen.go      every push twice: while it is worked on, and when it is done
//	stream.go    connections: opened, looked after, replaced
//	gap.go       when the bot may have been deaf, and whom it says so
//	hear.go      what was said becomes a chat.Message, pure
//	press.go     what was pressed, and what happened to a message, pure
//	event.go     read receipts and recalls
//	send.go      speaking: which of the ways to whom; hook.go, cards.go, ding.go
//	render.go    a card.Card becomes markdown, or the data of a card, pure
//	chart.go     the picture of a card: uploaded once, shown by its id
//	rest.go      one call of the OpenAPI; token.go, errors.go, budget.go
//	state.go     webhooks of rooms, and what Ready tells
//
// What listening promises:
//
//   - A push is acknowledged after the bot has committed what it says. What the bot
//     does not take is tried again for half a minute, because DingTalk may never
//     bring it again. What is lost even so is said in its front. What nobody can
//     read is acknowledged and counted.
//   - Nothing waits for a slow room but itself. The SDK drops frames when too many
//     are at work; our own bounds are lower, and reaching them is said.
//   - A message is its msgId, whatever push brings it. A click is its push, and a
//     second one by the same person on the same button within ten seconds is the
//     same. A click is answered within 1.5 s: done, or an error that its person
//     sees. The answer changes nothing on the card; the board does that by itself.
//   - Two connections stand side by side, because each push goes to one of them at
//     random, and none is kept for who is away: when one is lost, or replaced, the
//     other hears. A lost one is opened again at once; the SDK would wait 3 s.
//   - A connection is replaced that swallows: when a dozen pushes in a row went to
//     the other one, or when not even the gateway's pings come. So is every one
//     after some hours, the next before the last.
//   - DingTalk keeps no history for robots. When no connection stood for 2 s, one
//     stood and swallowed, or no process listened, each front is told from when to
//     when, once, and asked to say it again.
//
// In groups the bot hears only what is @-ed to it, and no audio, video or file.
// Those it hears one-to-one, where a file is a note with its name: [文件 access.log].
// The codes by which files are downloaded are not kept yet. People of other
// organisations have no userid: they are known by "ext/" and a digest of their
// cipher, which is the same in all they say. DingTalk does not tell which of them
// pressed a button: that is chat.Unknown.
//
// # Oddities
//
// Seen with dingtalk-stream-sdk-go v0.9.2-beta.1 (2026-11); v0.9.1 ends the process
// when a peer does not answer a ping:
//
//   - Whether a connection stands cannot be asked. Start does nothing where one
//     does, and fails at once under an ended context where none does; we look ten
//     times a second.
//   - It reconnects by itself after 3 s, 6 s, … one minute, and tells nobody. We
//     switch that off, and use each client once.
//   - Beyond 100 frames at work it drops the next ones in silence. Each frame has a
//     goroutine, so two frames may change places: a lane waits 20 ms for that.
//   - A handler that panics acknowledges nothing and logs nothing.
//   - Its models lack quotes and errorMessage, and refuse a message for one field of
//     another type, with a 500 that nobody sees. We read the frame ourselves.
//   - Its logger is a global without a lock, and would write the secret, tickets and
//     the words of people. Ours writes nothing.
//   - The gateway's refusal is an error without its status: we read its code.
//   - It keeps idle connections in http.DefaultTransport; Listen closes them.
//
// Of DingTalk itself (documentation as of 2026-11, and what others have seen):
//
//   - The documents say that messages to a robot never come again; others saw them
//     again after 15 to 60 s, under the same msgId. We are ready for both and rely
//     on neither. Events come again until they are answered with SUCCESS.
//   - A connection can answer pings for hours and deliver nothing.
//   - text.content begins with a space where the robot's name was cut out. Who else
//     was addressed comes as userids without names: only a short command with one
//     name is certain ("/assign 12 @张工").
//   - Beyond the callbacks of the month a message comes with an errorMessage (20001)
//     in place of its words. Ready says so, and the front is asked.
//   - Who quotes or reads a card names its carrierId, not its outTrackId.
//   - A session webhook lives about 90 minutes, and only it can address somebody in a
//     group by a plain message.
//   - Pictures are uploaded to the older API (/media/upload), and shown by their id
//     where markdown has an address: ![](@lAD…). Others say that an organisation has
//     10,000 uploads a year; the documents of it are not to be found.
//   - Limits of calls arrive as HTTP 403, failures inside a 200.
package dingtalk
