package dingtalk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"butler/bot/chat"
)

// pressedID begins the id of a click.
const pressedID = "press/"

// readPress reads a click on a card. The template sends the text of a command with
// it as params.command, and what was written into an input as params.text. DingTalk
// says neither when nor which click it was: it is delivered at once, so it is now,
// and its push is its id.
//
// same is equal for two clicks of one person on one button: a double click, or a
// push that came again under another id.
func readPress(data []byte, push string, now time.Time) (m chat.Message, same string, err error) {
	all, err := object(data)
	if err != nil {
		return m, "", err
	}
	content := all.at("content")
	if content == nil {
		content = all.at("value") // as older cards have it
	}
	params := content.at("cardPrivateData").at("params")
	command := strings.TrimSpace(params.value("command"))
	if !strings.HasPrefix(command, "/") {
		return m, "", errNoise // a button that is none of ours, or content without any
	}
	if text := strings.TrimSpace(params.value("text")); text != "" {
		command += " " + text
	}
	card, user := all.text("outTrackId"), all.text("userId")
	if user != "" && all.text("userIdType") == "2" {
		user = person("", user, "").ID // a unionId, which is no userid
	}
	if user == "" {
		user = chat.Unknown // an external member
	}
	m = chat.Message{ID: pressedID + push, Thread: card, Sender: chat.Person{ID: user}, Text: command, SentAt: now, Command: true, Delivery: push}
	space := all.text("spaceId")
	switch kind := strings.ToUpper(all.text("spaceType")); {
	case kind == "IM_ROBOT" || kind == "IM_SINGLE" || kind == "" && !strings.HasPrefix(space, "cid"):
		m.Room = direct(user)
	case space == "":
		return m, "", errors.New("a click without its group")
	default:
		m.Room = room(space)
	}
	if card == "" || push == "" || m.Room.Direct && user == chat.Unknown {
		return m, "", errors.New("a click without its card, its push or who it was")
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{card, user, space, command}, "\x00")))
	return m, pressedID + hex.EncodeToString(sum[:16]), nil
}

// value is a parameter of a click: a text, or the object with a value that some
// inputs send.
func (f fields) value(name string) string {
	if s := f.text(name); s != "" {
		return s
	}
	return f.at(name).text("value")
}

// receipt is what an event says about a message.
type receipt struct {
	kind string    // robot_msg_read, robot_msg_recall, …
	id   string    // of the event: the same when it comes again
	ref  string    // of our message: its processQueryKey or its outTrackId
	said string    // msgId of a message of a person
	room chat.Room // empty ID when it is not known
	user string    // who read it, or took it back; "" when it is no userid
	at   time.Time
}

// readEvent reads an event. Its data is the inner object, or stands in an envelope
// under data; its type and id stand in the headers, or in the envelope.
func readEvent(data []byte, header func(string) string, now time.Time) (receipt, error) {
	all, err := object(data)
	if err != nil {
		return receipt{}, err
	}
	first := func(name string) string {
		if v := header(name); v != "" {
			return v
		}
		return all.text(name)
	}
	e := receipt{kind: first("eventType"), id: first("eventId")}
	if inner := all.at("data"); inner != nil && all.text("processQueryKey") == "" {
		all = inner
	}
	e.ref = all.text("processQueryKey")
	if e.ref == "" {
		e.ref = all.text("outTrackId")
	}
	e.said, e.user = all.text("msgId"), all.text("userId")
	for _, name := range []string{"operatTime", "operateTime", "readTime"} { // spelled so by DingTalk
		if at := all.moment(name); e.at.IsZero() {
			e.at = at
		}
	}
	if e.at.IsZero() || e.at.After(now) {
		e.at = now
	}
	switch group := all.text("openConversationId"); {
	case group != "":
		e.room = room(group)
	case e.user != "":
		e.room = direct(e.user)
	}
	return e, nil
}
