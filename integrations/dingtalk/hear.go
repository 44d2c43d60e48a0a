package dingtalk

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"butler/bot/chat"
)

// extPrefix begins the id of somebody who has no userid: a member of another
// organisation, or anybody before the app is published. Neither a userid nor what
// the API takes begins so.
const extPrefix = "ext/"

// Why something that was pushed is not for the bot.
var (
	errNoise = errors.New("it concerns nobody")
	errBlank = errors.New("the callbacks of the month are used up: it comes without its words")
)

// heard is a message as the bot hears it, and the webhook by which its room can be
// answered.
type heard struct {
	message chat.Message
	webhook string
	until   time.Time
	cipher  string // of a sender without a userid: a webhook can call them by it
}

// readMessage reads what somebody said to the robot. push is the id of the push,
// for a message without one of its own; now stands in for a missing time.
//
// The model of the SDK lacks what quotes and quotas say, and refuses a message for
// one field of another type; so fields are read one by one, and a wrong one costs
// only itself. Errors: errBlank, whose message still says who and where; anything
// else is beyond reading.
func readMessage(data []byte, push string, now time.Time) (heard, error) {
	all, err := object(data)
	if err != nil {
		return heard{}, err
	}
	h := heard{webhook: all.text("sessionWebhook"), until: all.moment("sessionWebhookExpiredTime"), cipher: all.text("senderId")}
	m := chat.Message{ID: all.text("msgId"), SentAt: all.moment("createAt"), Delivery: push, Sender: person(all.text("senderStaffId"), all.text("senderId"), all.text("senderNick"))}
	if m.ID == "" {
		m.ID = "push/" + push
	}
	if m.SentAt.IsZero() {
		m.SentAt = now
	}
	conversation := all.text("conversationId")
	switch group := all.text("conversationType"); {
	case group == "1":
		m.Room = direct(m.Sender.ID)
	case conversation == "":
		return heard{}, errors.New("a message without its conversation")
	default:
		m.Room, m.Mention = room(conversation), true // nothing else is heard in a group
	}
	words := all.words()
	if m.Mention && all.text("msgtype") == "richText" {
		words = all.withoutRobot(words)
	}
	m.Text = all.mentions(strings.TrimSpace(words))
	quoted := all.at("text").at("repliedMsg")
	m.Thread = cmp.Or(all.text("originalMsgId"), all.text("originalProcessQueryKey"), quoted.text("msgId"))
	h.message = m
	if m.Text == "" && all.text("errorMessage")+all.text("errorCode") != "" {
		return h, errBlank
	}
	return h, nil
}

// words are what a message says, in one text: what cannot be put into words has a
// note in brackets, as DingTalk itself writes it in lists of chats. Codes for
// downloads are no words.
func (f fields) words() string {
	content := f.at("content")
	switch kind := f.text("msgtype"); kind {
	case "richText":
		return content.rich()
	case "picture":
		return "[图片]"
	case "audio":
		return cmp.Or(strings.TrimSpace(content.text("recognition")), "[语音]")
	case "video":
		return "[视频]"
	case "file":
		return note("文件", content.text("fileName"))
	case "unknownMsgType":
		return "[无法识别的消息]"
	default:
		text := f.at("text").text("content")
		if text == "" {
			text = cmp.Or(f.text("text"), content.text("content"), f.text("content"))
		}
		if text == "" && kind != "" && kind != "text" && len(content) > 0 {
			text = note("消息", kind)
		}
		return text
	}
}

// rich is the text of a rich text, each picture a line of its own.
func (f fields) rich() string {
	var parts []json.RawMessage
	json.Unmarshal(f["richText"], &parts) // anything else has no parts
	var b strings.Builder
	for _, raw := range parts {
		part, _ := object(raw)
		switch text := part.text("text"); {
		case text != "":
			b.WriteString(text)
		case part.text("downloadCode")+part.text("pictureDownloadCode") != "" || part.text("type") == "picture":
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
				b.WriteByte('\n')
			}
			b.WriteString("[图片]\n")
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// note names something that is no words, in one short line.
func note(kind, name string) string {
	name = strings.Join(strings.Fields(strings.Map(plain, name)), " ")
	if r := []rune(name); len(r) > 80 {
		name = string(r[:40]) + "…" + string(r[len(r)-39:]) // its end says what it is
	}
	return strings.TrimSpace("["+kind+" "+name) + "]"
}

// plain drops what turns or hides the rest of a line.
func plain(r rune) rune {
	switch {
	case r < ' ' || r == 0x7f:
		return ' '
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0xfeff:
		return -1
	}
	return r
}

// withoutRobot cuts the robot's name off the beginning of a rich text, where
// DingTalk may leave it. Its name is not known; it is the only one that is
// addressed.
func (f fields) withoutRobot(words string) string {
	if others, robot := f.addressed(); !robot || others > 0 {
		return words
	}
	trimmed := strings.TrimSpace(words)
	if !strings.HasPrefix(trimmed, "@") {
		return words
	}
	_, rest, _ := strings.Cut(trimmed, " ")
	return rest
}

// addressed counts the people among those whom a message addresses, and says
// whether the robot is one of them.
func (f fields) addressed() (others int, robot bool) {
	for _, at := range f.list("atUsers") {
		if at.text("dingtalkId") == f.text("chatbotUserId") {
			robot = true
		} else {
			others++
		}
	}
	return others, robot
}

// mentions makes the one person whom a short command addresses known by their
// userid: "/assign 12 @张工" becomes "/assign 12 @staff01". DingTalk tells who was
// addressed, but not by which name, so with several it stays as it was written,
// and so does everything that people will read.
func (f fields) mentions(text string) string {
	words := strings.Fields(text)
	if len(words) < 2 || len(words) > 3 || strings.Contains(text, "\n") {
		return text
	}
	command := strings.HasPrefix(words[0], "/") || strings.HasPrefix(words[0], "／")
	named := -1
	for i, w := range words {
		if strings.HasPrefix(w, "@") && len(w) > 1 {
			if named >= 0 {
				return text
			}
			named = i
		}
		command = command || number(w)
	}
	staff := f.mentioned()
	if !command || named < 0 || len(staff) != 1 {
		return text
	}
	words[named] = "@" + staff[0]
	return strings.Join(words, " ")
}

// mentioned are the userids of people whom a message addresses.
func (f fields) mentioned() []string {
	var ids []string
	for _, at := range f.list("atUsers") {
		if id := at.text("staffId"); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// number reports whether a word is the number of a case: 12, #12, １２.
func number(word string) bool {
	digits := strings.TrimLeft(word, "#＃")
	return digits != "" && strings.IndexFunc(digits, func(r rune) bool { return (r < '0' || r > '9') && (r < '０' || r > '９') }) < 0
}

// person is who sent something. The cipher of somebody is the same in every
// message of theirs, but nothing that the API would take: its digest is their id.
func person(staff, cipher, name string) chat.Person {
	switch {
	case staff != "":
		return chat.Person{ID: staff, Name: name}
	case cipher != "":
		sum := sha256.Sum256([]byte(cipher))
		return chat.Person{ID: extPrefix + hex.EncodeToString(sum[:8]), Name: name}
	}
	return chat.Person{ID: chat.Unknown, Name: name}
}

func room(id string) chat.Room { return chat.Room{Platform: "dingtalk", ID: id} }

func direct(user string) chat.Room { return chat.Room{Platform: "dingtalk", ID: user, Direct: true} }

// fields are those of an object of JSON, read one by one. What is missing, or has
// another type than it should, is empty.
type fields map[string]json.RawMessage

// object reads an object, also one that stands in a string, as DingTalk writes the
// content of a click.
func object(data []byte) (fields, error) {
	var f fields
	err := json.Unmarshal(data, &f)
	var inner string
	if err != nil && json.Unmarshal(data, &inner) == nil {
		err = json.Unmarshal([]byte(inner), &f)
	}
	switch {
	case err != nil:
		return nil, errors.New("it is no object of JSON")
	case f == nil:
		return nil, errors.New("it is empty")
	}
	return f, nil
}

// at is the object under a name.
func (f fields) at(name string) fields {
	one, _ := object(f[name])
	return one
}

// list are the objects of the list under a name.
func (f fields) list(name string) (all []fields) {
	var raw []json.RawMessage
	json.Unmarshal(f[name], &raw)
	for _, r := range raw {
		if one, err := object(r); err == nil {
			all = append(all, one)
		}
	}
	return all
}

// text is the text under a name; a number is as good as its digits.
func (f fields) text(name string) string {
	var s string
	var n json.Number
	switch {
	case json.Unmarshal(f[name], &s) == nil:
		return s
	case json.Unmarshal(f[name], &n) == nil:
		return n.String()
	}
	return ""
}

// moment is the time under a name, written as milliseconds since 1970, as a number
// or as a text; zero when there is none that makes sense.
func (f fields) moment(name string) time.Time {
	ms, err := strconv.ParseInt(f.text(name), 10, 64)
	if err != nil || ms <= 0 || ms > 1<<43 { // the year 2248
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
