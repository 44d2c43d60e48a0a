package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"
	"time"

	"butler/bot/chat"
)

// envelope is one delivery of Socket Mode. It is read here and not by the
// library, which gives up on a whole message for one block it does not know: a
// customer's report must not be lost for its decoration.
type envelope struct {
	ID      string          `json:"envelope_id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// errNoise is what concerns nobody: acknowledged and counted.
var errNoise = errors.New("noise")

// read turns an envelope into a message. Errors: errNoise, and whatever cannot
// be read.
func (e envelope) read(me self, now time.Time) (chat.Message, error) {
	var m chat.Message
	var err error
	switch e.Type {
	case "events_api":
		m, err = readEvent(e.Payload, me)
	case "slash_commands":
		m, err = readSlash(e.Payload, me, now)
	case "interactive":
		m, err = readInteraction(e.Payload, me, now)
	default:
		return m, fmt.Errorf("an envelope of the type %q", e.Type)
	}
	if err != nil {
		return m, err
	}
	m.Delivery = e.ID
	return m, nil
}

// message is a message of Slack as far as we read it: in an event, inside one, or
// in the history of a room.
type message struct {
	Type     string                       `json:"type"`
	Subtype  string                       `json:"subtype"`
	Channel  string                       `json:"channel"`
	Kind     string                       `json:"channel_type"`
	User     string                       `json:"user"`
	BotID    string                       `json:"bot_id"`
	AppID    string                       `json:"app_id"`
	Text     string                       `json:"text"`
	TS       string                       `json:"ts"`
	Thread   string                       `json:"thread_ts"`
	Latest   string                       `json:"latest_reply"` // of its thread; only in a history
	Deleted  string                       `json:"deleted_ts"`
	Files    files                        `json:"files"`
	Message  *message                     `json:"message"`
	Previous *message                     `json:"previous_message"`
	Username string                       `json:"username"` // of an app, chosen by it
	Bot      loose[struct{ Name string }] `json:"bot_profile"`
	Profile  loose[profile]               `json:"user_profile"`
	Metadata loose[struct {
		Type string `json:"event_type"`
	}] `json:"metadata"`
	Reactions   loose[[]reaction] `json:"reactions"` // only in a history
	Blocks      json.RawMessage   `json:"blocks"`
	Attachments json.RawMessage   `json:"attachments"`
	Edited      *struct {
		TS string `json:"ts"`
	} `json:"edited"`
}

// loose is a part of a message that is left out when it cannot be read: a report
// must not be lost for its decoration.
type loose[T any] struct{ is T }

func (l *loose[T]) UnmarshalJSON(b []byte) error {
	var is T
	if json.Unmarshal(b, &is) == nil {
		l.is = is
	}
	return nil
}

type file struct {
	Name      string `json:"name"`
	Title     string `json:"title"`
	Permalink string `json:"permalink"`
	Private   string `json:"url_private"`
}

// files are what hangs at a message. Files that cannot be read do not take the
// words with them.
type files []file

func (f *files) UnmarshalJSON(b []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(b, &list) != nil {
		return nil
	}
	for _, raw := range list {
		var one file
		if json.Unmarshal(raw, &one) == nil && one.line() != "" {
			*f = append(*f, one)
		}
	}
	return nil
}

// spoken are the subtypes in which a person says something; every other one is
// noise: joins, topics, huddles, reminders.
var spoken = map[string]bool{"": true, "thread_broadcast": true, "file_share": true, "me_message": true}

// readEvent reads a message, an edit, a deletion. A mention arrives as app_mention
// and as message; both become the same chat.Message under the same id, so the
// second is known.
func readEvent(payload json.RawMessage, me self) (chat.Message, error) {
	var outer struct {
		Event message `json:"event"`
	}
	// What is no message need not have the shape of one.
	var kind struct {
		Event struct {
			Type string `json:"type"`
		} `json:"event"`
	}
	if err := json.Unmarshal(payload, &kind); err != nil {
		return chat.Message{}, err
	}
	switch kind.Event.Type {
	case "message", "app_mention":
	case "reaction_added":
		return readReaction(payload, me)
	case "":
		return chat.Message{}, errors.New("an event without a type")
	default:
		return chat.Message{}, errNoise
	}
	if err := json.Unmarshal(payload, &outer); err != nil {
		return chat.Message{}, err
	}
	e := outer.Event
	if e.Channel == "" {
		return chat.Message{}, errors.New("a message without a channel")
	}
	switch {
	case e.Type == "app_mention" && e.Edited != nil:
		return chat.Message{}, errNoise // the edit itself is heard as message_changed
	case e.Subtype == "message_changed":
		return readEdit(e, me)
	case e.Subtype == "message_deleted":
		return readDeletion(e, e.Deleted, me)
	}
	return e.said(me)
}

// said is what a message says in its room, be it an event or read in the history:
// both become the same chat.Message.
func (e message) said(me self) (chat.Message, error) {
	who, ok := e.author(me)
	if !ok {
		return chat.Message{}, errNoise
	}
	return e.heard(e, who, e.TS, e.TS, me)
}

// readEdit hears the new words of a person. Slack also says message_changed when
// it unfolds a link, when a thread grows, and of our own boards: the words did not
// change, or are not a person's. What other apps change is noise: some count up
// in one message for hours.
func readEdit(e message, me self) (chat.Message, error) {
	m := e.Message
	if m == nil {
		return chat.Message{}, errors.New("an edit without its message")
	}
	if m.Subtype == "tombstone" { // deleted, and its thread stays
		return readDeletion(e, m.TS, me)
	}
	if e.Previous != nil && e.Previous.Text == m.Text || e.Previous == nil && m.Edited == nil {
		return chat.Message{}, errNoise
	}
	return e.edit(*m, me)
}

// edit hears that a message has new words. Its id is made of the message, the
// time of the edit and the words, which the event and the history have in common;
// the time alone is of whole seconds.
func (e message) edit(m message, me self) (chat.Message, error) {
	who, ok := m.author(me)
	if !ok || who.App {
		return chat.Message{}, errNoise
	}
	at, id := e.TS, e.TS
	if m.Edited != nil && stamp.MatchString(m.Edited.TS) {
		sum := fnv.New32a()
		sum.Write([]byte(m.Text))
		at, id = m.Edited.TS, fmt.Sprintf("%s/%08x", m.Edited.TS, sum.Sum32())
	}
	heard, err := e.heard(m, who, id, at, me)
	heard.Edits = m.TS
	return heard, err
}

// readDeletion hears that the message of a person is gone.
func readDeletion(e message, ts string, me self) (chat.Message, error) {
	if ts == "" {
		return chat.Message{}, errors.New("a deletion that does not say of what")
	}
	if e.Previous == nil {
		return chat.Message{}, errNoise // nobody can say whose it was
	}
	who, ok := e.Previous.author(me)
	if !ok || who.App {
		return chat.Message{}, errNoise
	}
	heard, err := e.heard(message{Thread: e.Previous.Thread}, who, e.TS, e.TS, me)
	heard.Deletes = ts
	return heard, err
}

// heard is what somebody said in a room, under an id and at a time.
func (e message) heard(said message, who chat.Person, id, ts string, me self) (chat.Message, error) {
	at, err := moment(ts)
	if err != nil {
		return chat.Message{}, err
	}
	m := chat.Message{Room: roomOf(e.Channel, e.Kind, who.ID), ID: id, Sender: who, SentAt: at}
	if m.Room.Direct && (who.App || who.ID == nobody) {
		return chat.Message{}, errNoise // a chat of two is a person's
	}
	m.Text, m.Mention = said.content(me)
	if said.Thread != said.TS { // the root of a thread is no answer in it
		m.Thread = said.Thread
	}
	return m, nil
}

// content is what stands in a message: its words and its files, and whether a
// person addresses the app in it.
func (m message) content(me self) (text string, mentioned bool) {
	text, mentioned = words(m.Text, me)
	if m.app() {
		text, mentioned = first(text, m.shown(me)), false
	}
	for _, f := range m.Files {
		text = strings.TrimSpace(text + "\n" + f.line())
	}
	return text, mentioned
}

// line names a file and where it is.
func (f file) line() string {
	name, link := f.Name, f.Permalink
	if name == "" {
		name = f.Title
	}
	if link == "" {
		link = f.Private
	}
	return strings.TrimSpace(oneLine(name) + " " + link)
}

// roomOf is a channel, or the one-to-one chat with a person, whose address is
// theirs.
func roomOf(channel, kind, user string) chat.Room {
	if kind == "im" || strings.HasPrefix(channel, "D") {
		return chat.Room{Platform: "slack", ID: user, Direct: true}
	}
	return chat.Room{Platform: "slack", ID: channel}
}

var stamp = regexp.MustCompile(`^(\d{1,11})\.(\d{1,6})$`)

// moment is the time that a ts stands for: seconds and microseconds.
func moment(ts string) (time.Time, error) {
	part := stamp.FindStringSubmatch(ts)
	if part == nil {
		return time.Time{}, fmt.Errorf("the ts %.40q is no time", ts)
	}
	sec, _ := strconv.ParseInt(part[1], 10, 64)
	us, _ := strconv.ParseInt((part[2] + "000000")[:6], 10, 64)
	return time.Unix(sec, us*1000).UTC(), nil
}

func first(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
