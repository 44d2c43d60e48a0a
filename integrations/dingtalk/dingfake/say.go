package dingfake

import (
	"maps"
	"strings"
	"time"

	"butler/integrations/fakery"
)

// Said is something a person did in a group or a one-to-one chat, and what the
// app is to hear of it.
type Said struct {
	Room, ID   string      // ID is its msgId
	Webhook    string      // the session webhook that came with it
	Deliveries []*Delivery // empty when the robot is not to hear it
	s          *Server
}

// Acked waits until the app has acknowledged it. It fails the test when the robot
// was not to hear it.
func (a *Said) Acked() {
	a.s.t.Helper()
	if len(a.Deliveries) == 0 {
		a.s.t.Fatalf("dingfake: the robot does not hear %s in %s: in a group it hears only text, rich text and pictures with @%s", a.ID, a.Room, Robot)
	}
	a.s.Acked(a.Deliveries...)
}

// Pending counts the deliveries of it that are not acknowledged now.
func (a *Said) Pending() int { return fakery.Pending(a.Deliveries) }

// Delivery is what the robot hears of it; nil when it hears nothing.
func (a *Said) Delivery() *Delivery {
	if len(a.Deliveries) == 0 {
		return nil
	}
	return a.Deliveries[0]
}

// SayOption changes how something is said.
type SayOption func(*saying)

type saying struct {
	at        time.Time
	unheard   bool
	fields    map[string]any
	gone      []string
	mentioned bool
	quoted    string
	life      time.Duration
}

// At says it at a moment of the past, or of the future: createAt.
func At(t time.Time) SayOption { return func(a *saying) { a.at = t } }

// Unheard keeps it in the group and tells the robot nothing: what is said while a
// connection is away.
func Unheard() SayOption { return func(a *saying) { a.unheard = true } }

// Mentioned addresses the robot where the words do not: a picture or a rich text.
func Mentioned() SayOption { return func(a *saying) { a.mentioned = true } }

// WithField sets any field of the callback: senderPlatform, hostingContext, …
func WithField(name string, value any) SayOption {
	return func(a *saying) { a.fields[name] = value }
}

// WithoutField leaves a field of the callback out.
func WithoutField(name string) SayOption {
	return func(a *saying) { a.gone = append(a.gone, name) }
}

// Quoting answers an earlier message: the msgId of a person's, the processQueryKey
// of the robot's, or the outTrackId of a card.
func Quoting(ref string) SayOption { return func(a *saying) { a.quoted = ref } }

// Dead gives it a session webhook that is over at once, whatever it says.
func Dead() SayOption { return func(a *saying) { a.life = -1 } }

// Say lets somebody write in a group, or in their chat with the robot: Direct. The
// text is what they see: "@管家 网站打不开了". The robot hears it when it is
// addressed, without its name and with a space in front, or in a one-to-one chat.
func (s *Server) Say(room, user, text string, opts ...SayOption) *Said {
	s.t.Helper()
	return s.say(room, user, "text", text, opts, func(r heard) map[string]any {
		return map[string]any{"text": map[string]any{"content": r.text}}
	})
}

// heard is what the robot gets of the words.
type heard struct{ text string }

// say keeps a message and tells the robot, if it is to hear it.
func (s *Server) say(room, user, kind, text string, opts []SayOption, parts func(heard) map[string]any) *Said {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	r, u := s.mustRoom(room), s.mustUser(user)
	a := saying{fields: map[string]any{}, life: s.webhookLife}
	for _, o := range opts {
		o(&a)
	}
	if a.at.IsZero() {
		a.at = s.mu.Now()
	}
	if r.With == "" && !r.has(user) {
		r.Members = append(r.Members, user) // who speaks is there
	}
	m := s.store(&Message{Room: room, ID: s.newID("msg") + "==", User: user, Kind: kind, Text: text})
	said := &Said{s: s, Room: room, ID: m.ID}
	mention := "@" + Robot
	addressed := a.mentioned || strings.Contains(text, mention)
	silent := r.With == "" && (kind == "audio" || kind == "video" || kind == "file")
	if a.unheard || silent || r.Outside || r.Disbanded || r.With == "" && !addressed {
		return said
	}
	h := heard{text: text}
	if strings.Contains(text, mention) {
		h.text = strings.ReplaceAll(text, mention, "")
		if !strings.HasPrefix(h.text, " ") {
			h.text = " " + h.text
		}
	}
	data := s.callbackData(r, u, m.ID, a.at, addressed)
	said.Webhook = s.newSession(r, a.life)
	data["sessionWebhook"], data["sessionWebhookExpiredTime"] = said.Webhook, s.mu.Now().Add(a.life).UnixMilli()
	if a.life < 0 {
		data["sessionWebhookExpiredTime"] = s.mu.Now().Add(s.webhookLife).UnixMilli()
	}
	data["atUsers"] = s.atUsers(r, text, addressed)
	data["msgtype"] = kind
	maps.Copy(data, parts(h))
	s.quote(data, a.quoted)
	maps.Copy(data, a.fields)
	for _, f := range a.gone {
		delete(data, f)
	}
	said.Deliveries = []*Delivery{s.callback(TopicMessage, data)}
	return said
}

// callbackData is what every message has.
func (s *Server) callbackData(r *room, u *User, id string, at time.Time, addressed bool) map[string]any {
	data := map[string]any{
		"conversationId": r.ID, "chatbotCorpId": Corp, "chatbotUserId": RobotID, "msgId": id, "senderNick": u.Name,
		"isAdmin": u.Admin, "senderId": u.Cipher(), "createAt": at.UnixMilli(), "robotCode": s.RobotCode,
		"conversationType": "1", "senderCorpId": Corp,
	}
	if !u.External && !s.unpublished {
		data["senderStaffId"] = u.ID
	}
	if u.External {
		delete(data, "senderCorpId")
	}
	if r.With == "" {
		data["conversationType"], data["conversationTitle"], data["isInAtList"] = "2", r.Title, addressed
	}
	return data
}

// atUsers lists whom a message addresses: the robot, and members by @ and name.
func (s *Server) atUsers(r *room, text string, addressed bool) []map[string]string {
	all := []map[string]string{}
	if addressed && r.With == "" {
		all = append(all, map[string]string{"dingtalkId": RobotID})
	}
	for _, id := range r.Members {
		u := s.users[id]
		if u == nil || !strings.Contains(text, "@"+u.Name) {
			continue
		}
		at := map[string]string{"dingtalkId": u.Cipher()}
		if !u.External {
			at["staffId"] = u.ID
		}
		all = append(all, at)
	}
	return all
}

// quote adds what an answer to a message carries.
func (s *Server) quote(data map[string]any, ref string) {
	if ref == "" {
		return
	}
	var of *Message
	for _, m := range s.messages {
		if m.ID == ref || m.Key == ref || m.Card == ref {
			of = m
		}
	}
	if of == nil {
		s.t.Fatalf("dingfake: there is no message %q to quote", ref)
	}
	replied := map[string]any{"createdAt": of.Time.UnixMilli(), "msgType": of.Kind, "msgId": of.ID, "senderId": RobotID}
	if of.User != "" {
		replied["senderId"] = s.users[of.User].Cipher()
		replied["content"] = map[string]any{"text": of.Text}
		data["originalMsgId"] = of.ID
	} else {
		data["originalProcessQueryKey"] = of.Key
	}
	if of.Card != "" {
		replied["msgType"] = "interactiveCard"
	}
	if text, ok := data["text"].(map[string]any); ok {
		text["isReplyMsg"], text["repliedMsg"] = true, replied
	}
}
