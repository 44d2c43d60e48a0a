// Package slack is the platform Slack: it listens over Socket Mode, so that no
// public address is needed, and speaks through the Web API.
//
//	listen.go    connections, queues, acknowledgements
//	hear.go      an envelope becomes a chat.Message, pure; words.go, apps.go
//	press.go     commands, buttons, shortcuts; forms.go and submit.go the modals
//	people.go    names of people who are not in the config
//	marks.go     an earlier message is marked as a report: 🚨, the shortcut
//	gap.go       what was said while nobody listened; history.go fetches it
//	home.go      everybody's own page
//	render.go    a card.Card becomes Block Kit, pure
//	chart.go     the picture of a card: uploaded once, shown by its id
//	send.go      posting, editing, looking before posting again; recall.go
//	found.go     rooms are made, people invited
//	errors.go    Slack's words become nil, chat.Later or chat.Never
//	manifest.go  the app to paste at Slack
//
// What it promises:
//
//   - An envelope is acknowledged after the bot has committed it. What the bot
//     does not take, or what finds the queue full, is not acknowledged, and Slack
//     delivers it again. What nobody can read is acknowledged and counted, or it
//     would come for ever.
//   - The loop that reads the socket waits for nobody. Each room has a lane: its
//     messages are heard in order, and a slow room delays no other.
//   - The id of a message is its ts, whatever event brings it: message and
//     app_mention, a redelivery, another envelope.
//   - Words of people are never markup: they stand in plain_text and rich_text,
//     which Slack does not interpret. The limits of Block Kit are kept by
//     construction.
//   - A send that may have arrived is looked up by its key before it is repeated.
//     Private answers cannot be looked up: one may come twice.
//   - A picture never costs its message: where it cannot be drawn, uploaded or shown,
//     its words stand in its place.
//
// What it cannot do: hear what was deleted, pressed, typed as a command or said in
// a one-to-one chat while nobody listened (Slack keeps none of it, or tells who did
// it that it failed), and make the two processes of one workspace share a page that
// somebody has open: each refreshes those that were opened with it.
//
// # Oddities
//
// Seen with slack-go v0.35.0 (2026-11):
//
//   - The library turns a message whose block it cannot parse, an event it does
//     not know, and an envelope type it does not know into an error without a
//     request: nothing acknowledges them. We read the raw envelope ourselves, so
//     that a report is not lost for its decoration.
//   - It opens a dropped connection again at once, also when the server drops it
//     at once: thousands of calls a second. After two short connections in a row
//     we wait, a second at first and a minute at most.
//   - It waits for ever for the greeting of a connection that pings. We do not.
//   - Its Ack without a context blocks for ever when 20 are queued on a client
//     that has ended. Ours has a deadline, and uses the client of the day.
//   - A rate limit has three shapes: 429 with Retry-After, 429 without, and 200
//     with ok:false. A refused token ends its loop; a token of the wrong type or a
//     missing scope is retried for ever, so Ready says it.
//   - The default http.Client has no time limit; the base address needs the slash
//     at its end.
//
// Of Slack itself (documentation as of 2026-11):
//
//   - A deleted message that has answers arrives as message_changed with the
//     subtype tombstone, not as message_deleted.
//   - message_changed also comes for unfolded links, for growing threads and for
//     our own edits. Only changed words of a person are an edit.
//   - A modern app's message has no subtype, only a bot_id: it is dropped by that
//     and by the app's own user id, or the bot would talk to itself.
//   - An app_mention comes again when a mention is edited, under the old ts.
//   - Commands and clicks are never delivered twice: when one is not committed,
//     its author sees that it failed.
//   - conversations.replies begins with the root, whatever oldest says; oldest
//     itself is left out, and edited.ts has whole seconds.
//   - Nobody is told of an answer in a thread who neither wrote there nor is named
//     in it: answers to the customer name who reported, and are shown in the
//     channel as well (reply_broadcast).
//   - A file may be shown in a block only when Slack has looked at it, a moment after
//     files.completeUploadExternal said ok; until then the message is refused with
//     invalid_blocks. Asking files.info would need another scope; we post again.
//   - chat.postEphemeral keeps no metadata and is in no history.
//   - In mrkdwn <!channel> notifies everybody unless it is escaped; in plain_text
//     it is ten characters.
package slack
