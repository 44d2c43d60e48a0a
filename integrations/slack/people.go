package slack

import (
	"bytes"
	"context"
	"net/url"
	"sync"
	"time"

	"butler/bot/chat"
)

// The senders that Slack does not name by a user id.
const (
	nobody    = "unknown"   // neither user nor app stands in the message, as happens over Slack Connect: the customer's side, never staff
	appPrefix = "app/"      // before the bot id of another app or workflow
	slackbot  = "USLACKBOT" // reminders, and answers of Slack itself
	slackbots = "B01"       // its bot id
)

// What bounds asking for names.
const (
	nameWait   = 1500 * time.Millisecond // before a message is heard without one: Slack redelivers after 3 s
	nameFresh  = 24 * time.Hour
	nameFailed = 10 * time.Minute // before a name that could not be had is asked for again
	namesKept  = 20000
)

// profile is what Slack says of a person beside their id.
type profile struct {
	Display string `json:"display_name"`
	Real    string `json:"real_name"`
}

func (p profile) name() string { return spelled(p.Display, p.Real) }

// spelled is the first name there is, as people read it.
func spelled(names ...string) string { return oneLine(unescaped.Replace(first(names...))) }

// ours reports whether this app wrote a message, or another Butler, which is known
// by the metadata of its notices and by its buttons: two that heard each other
// would never end.
func (m message) ours(me self) bool {
	is := func(mine, theirs string) bool { return mine != "" && mine == theirs }
	return is(me.user, m.User) || is(me.bot, m.BotID) || is(me.app, m.AppID) || m.Metadata.is.Type == eventType ||
		m.app() && bytes.Contains(m.Blocks, []byte(pressID))
}

// isApp notes which app we are; the connection says it.
func (p *Platform) isApp(id string) {
	if me := *p.self.Load(); id != "" && me.app != id {
		me.app = id
		p.self.Store(&me)
	}
}

// app reports whether an app or a workflow wrote it.
func (m message) app() bool { return m.BotID != "" || m.Subtype == "bot_message" }

// author is who said something, and false where nobody did, or nobody is to hear
// it: joins and topics, Slackbot, this app. Everybody is known by their id, never
// by a name.
func (m message) author(me self) (chat.Person, bool) {
	switch {
	case m.ours(me), m.User == slackbot, m.BotID == slackbots:
		return chat.Person{}, false
	case m.app() && (spoken[m.Subtype] || m.Subtype == "bot_message"):
		return chat.Person{ID: appPrefix + first(m.BotID, nobody), Name: spelled(m.Username, m.Bot.is.Name), App: true}, true
	case !spoken[m.Subtype]:
		return chat.Person{}, false
	}
	return chat.Person{ID: first(m.User, nobody), Name: m.Profile.is.name()}, true
}

// complete adds to a message what Slack did not send with it: the words of a marked
// one, and names. Errors: errNoise for what concerns nobody; any other means that
// it cannot be heard now and should be delivered again. Names are never worth one.
func (p *Platform) complete(ctx context.Context, m *chat.Message) error {
	if m.Marks != "" && m.Text == "" {
		if err := p.marked(ctx, m); err != nil {
			return err
		}
	}
	if m.Deletes == "" {
		p.name(ctx, &m.Sender)
		p.name(ctx, &m.Author)
	}
	return nil
}

// name gives a person of the customer the name that Slack knows; the staff have
// theirs from the config.
func (p *Platform) name(ctx context.Context, who *chat.Person) {
	if p.host == nil || who.Name != "" || who.App || !userID.MatchString(who.ID) || p.host.Staff("slack", who.ID) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, nameWait)
	defer cancel()
	who.Name = p.names.of(ctx, who.ID, func(ctx context.Context) (string, error) {
		var answer struct {
			User struct {
				Real    string         `json:"real_name"`
				Profile loose[profile] `json:"profile"`
			} `json:"user"`
		}
		err := p.ask(ctx, "users.info", url.Values{"user": {who.ID}}, &answer)
		if err = p.verdict("users.info", chat.Room{Platform: "slack", ID: who.ID}, err); err != nil {
			p.log.Warn("slack: a name could not be had; the message is heard without", "user", who.ID, "error", brief(err))
		}
		return first(answer.User.Profile.is.name(), spelled(answer.User.Real)), err
	})
}

// names remembers who is called what. Its zero value is ready.
type names struct {
	mu    sync.Mutex
	known map[string]*known
}

// known is one name; asked is closed when somebody has asked for it.
type known struct {
	name  string
	until time.Time
	asked chan struct{}
}

// of returns a name, and asks for it when it is not known or no longer fresh. One
// asks, the others wait. A failure keeps the old name, else "".
func (n *names) of(ctx context.Context, id string, ask func(context.Context) (string, error)) string {
	n.mu.Lock()
	k := n.known[id]
	if k != nil {
		select {
		case <-k.asked:
			if time.Now().Before(k.until) {
				n.mu.Unlock()
				return k.name
			}
		default:
			n.mu.Unlock()
			select {
			case <-k.asked:
				return k.name
			case <-ctx.Done():
				return ""
			}
		}
	}
	next := &known{asked: make(chan struct{}), until: time.Now().Add(nameFailed)}
	if k != nil {
		next.name = k.name
	}
	if n.known == nil || len(n.known) >= namesKept {
		n.known = map[string]*known{}
	}
	n.known[id] = next
	n.mu.Unlock()
	defer close(next.asked)
	if name, err := ask(ctx); err == nil {
		next.name, next.until = name, time.Now().Add(nameFresh)
	}
	return next.name
}
