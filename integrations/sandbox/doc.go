// Package sandbox is the web page on which anyone can play customer, expert and
// manager, and move time: `butler demo`.
//
// It is a chat platform like the others. What people type on the page becomes a
// chat.Message and goes through the Hear of whoever listens; cards arrive through
// Send and Edit, are kept in memory (the last 500 messages of a room) and shown.
// In the demo one Page stands in for every platform of the config: Platform
// returns it under a name. In `butler run` it serves the rooms `sandbox:…`.
//
//	page, err := sandbox.New(sandbox.Options{Service: demo, World: demo, Clock: clock})
//	platforms := []bot.Platform{page.Platform("slack"), page.Platform("dingtalk"), page.Platform("sandbox")}
//	err = page.Serve(ctx, listener) // returns when nothing of it runs any more
//
// Service is what the page asks of the service behind it. World and Clock make
// time something that people move; without them the page shows real time, has
// neither time controls nor reset, and needs a token.
//
// # The page
//
//	GET  /            the frame (html/template); scripts fill it
//	GET  /static/…    page/*.css, *.js, *.svg
//	GET  /events      server-sent events: {"gen","seq","now","speed","riding"}, at most five a second
//	GET  /api/state   ?customer&lang&gen&seq: the panels whole, the messages from seq on
//	GET  /api/case    ?customer&case&lang: timeline and arithmetic of one case
//	GET  /api/picture ?message&of: the picture of a card's chart, a PNG
//	GET  /api/complete ?customer&room&person&prefix&lang: slash commands that fit
//	POST /api/say     {"customer","room","person","text","thread"}
//	POST /api/click   {"customer","room","person","message","command","text"}: text only of a
//	                  button that asks for it (card.Button.Asks), at most 4000 characters
//	POST /api/again   {"customer","room","person","message"}: what was not heard, once more
//	POST /api/time    {"op":"pause|x1|x60|x3600|minute|next|closing|inspection","customer"}
//	POST /api/reset   {}
//	POST /v1/findings as in docs/findings.md: what the demo's scanner found (Options.Findings)
//
// closing and inspection are rides: some three deadlines of the customer a second,
// each settled at its own time, until a case's closing card or the day's inspection
// is told, somebody presses anything else of the time controls, or 200 deadlines or
// 20 days have passed.
//
// Room is front, back or direct (the person's own chat with the bot). A refusal
// is {"id","error"}: the page words the id, error is for whoever reads along.
//
// An event says only where things stand, so losing some loses nothing: a page
// that is behind asks for the state. A reset raises gen, and then the page asks
// for everything. Streams of hidden tabs are closed by the page, because
// browsers keep only six connections to a host; a reader that is too slow is
// dropped after 5 s.
//
// # Walls
//
// Text of people is never markup: it travels as JSON and ends in text nodes; the
// scripts hold no innerHTML, and the policy (no inline script, nothing from
// elsewhere, trusted types) would stop one. Actions must come from the page
// itself (http.CrossOriginProtection) as JSON of at most 64 KiB. A private card
// is shown while its reader is the selected speaker: whoever sits at the page is
// everybody, so this is a view and no wall.
//
// # Handles for browser tests
//
// Elements carry data-testid:
//
//	customer-ID       tab of a customer          lang              language switch
//	clock             time as text; data-now is RFC 3339 UTC, data-speed the speed,
//	                  data-riding true on a ride
//	time-pause time-x1 time-x60 time-x3600 time-minute time-next reset reset-yes
//	tab-NAME          tabs of the panel (timers, cases, inside), and of the phone (front, back, direct;
//	                  there the panels are view-timers, view-cases, view-inside)
//	room-NAME         a room's column; log-NAME its messages, say-NAME the text field,
//	                  send-NAME the button, speaker-NAME the select (front, back, direct)
//	direct-ID         chip that shows the direct chat of a person
//	complete-NAME     list of completions; its options carry data-insert
//	message           a message; data-id, data-from (person id, or bot), data-kind (of a card's notice)
//	card              a card; data-tone. Inside: card-title card-field card-text card-button (data-command;
//	                  data-asks of one that asks for a text)
//	                  card-link
//	form              the form of a button that asks. Inside: form-text form-send form-cancel, and
//	                  form-problem, which says why nothing was sent
//	updated           the mark of an edited card     lost   the mark of a message nobody heard
//	promise           the field of a card that names its deadline
//	newer-NAME        goes to what is new below      older-NAME  goes to a card edited above
//	panel-NAME        timers, cases, inside
//	timer case step   their lines; case carries data-n; timer carries data-at
//	quiet             steps of the engine that only noted something, counted in one line
//	timeline explain  of the selected case; event is a line, data-internal is true or false
//	story story-N story-close     the hint strip, its steps 1…5; each is pressed anywhere
//	toast trouble offline         messages about the page itself
package sandbox
