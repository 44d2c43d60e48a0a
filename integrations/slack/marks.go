package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"butler/bot/chat"
)

// siren is the reaction 🚨 by which staff turn a message into a report.
const siren = "rotating_light"

// readReaction reads that somebody put a 🚨 to a message. Its id is that of the
// mark, not of who set it: two who mark the same message, and one who takes the
// mark off and sets it again, say the same. Whether they may is asked in complete;
// other reactions, and those to our own messages, are noise.
func readReaction(payload json.RawMessage, me self) (chat.Message, error) {
	var outer struct {
		Event struct {
			User     string `json:"user"`
			Reaction string `json:"reaction"`
			Author   string `json:"item_user"`
			Item     struct {
				Type    string `json:"type"`
				Channel string `json:"channel"`
				TS      string `json:"ts"`
			} `json:"item"`
			TS string `json:"event_ts"`
		} `json:"event"`
	}
	var kind struct {
		Event struct {
			Reaction string `json:"reaction"`
		} `json:"event"`
	}
	if json.Unmarshal(payload, &kind) != nil || kind.Event.Reaction != siren {
		return chat.Message{}, errNoise
	}
	if err := json.Unmarshal(payload, &outer); err != nil {
		return chat.Message{}, err
	}
	e := outer.Event
	if e.Item.Type != "message" || e.User == "" || e.User == me.user || me.user != "" && e.Author == me.user {
		return chat.Message{}, errNoise
	}
	if e.Item.Channel == "" || !stamp.MatchString(e.Item.TS) {
		return chat.Message{}, errors.New("a reaction without its message")
	}
	at, err := moment(e.TS)
	if err != nil {
		return chat.Message{}, err
	}
	return chat.Message{Room: roomOf(e.Item.Channel, "", e.User), ID: markID(e.Item.TS), Marks: e.Item.TS, Sender: chat.Person{ID: e.User}, SentAt: at}, nil
}

// markID is the id of the mark of a message, whoever sets it, and by whatever.
func markID(ts string) string { return "mark/" + ts }

// marked fetches the words of a message that was marked with 🚨. Errors: errNoise
// when who marked it is not of the service, when the message is gone or our own;
// any other for what may be fetched later, when Slack delivers the mark again.
func (p *Platform) marked(ctx context.Context, m *chat.Message) error {
	if p.host == nil || !p.host.Staff("slack", m.Sender.ID) {
		return errNoise
	}
	said, err := p.fetch(ctx, m.Room, m.Marks)
	if err != nil {
		return err
	}
	return said.mark(m, *p.self.Load())
}

// mark puts into m what said says, and who wrote it. errNoise: nobody did, it was
// this app, or it has no words.
func (said message) mark(m *chat.Message, me self) error {
	who, ok := said.author(me)
	text, _ := said.content(me)
	if !ok || text == "" {
		return errNoise
	}
	m.Marks, m.Author, m.Text, m.Thread = said.TS, who, text, ""
	if said.Thread != said.TS {
		m.Thread = said.Thread
	}
	return nil
}

// fetch reads one message of a room, from its history or from a thread; errNoise
// when it is gone.
func (p *Platform) fetch(ctx context.Context, room chat.Room, ts string) (message, error) {
	channel, err := p.channel(ctx, room)
	for _, method := range []string{"conversations.history", "conversations.replies"} {
		if err != nil {
			break
		}
		// Of a thread its first message comes too, whatever the limits say.
		q := url.Values{"channel": {channel}, "oldest": {ts}, "latest": {ts}, "inclusive": {"true"}, "limit": {"15"}, "include_all_metadata": {"true"}}
		if method == "conversations.replies" {
			q.Set("ts", ts)
		}
		var answer pageOf
		err = p.ask(ctx, method, q, &answer)
		if threadGone(err) {
			return message{}, errNoise
		}
		if err = p.verdict(method, room, err); err != nil {
			break
		}
		for _, m := range answer.Messages {
			if m.TS == ts {
				m.Channel = channel
				return m, nil
			}
		}
	}
	switch {
	case err == nil, never(err):
		return message{}, errNoise
	}
	return message{}, fmt.Errorf("the marked message cannot be read: %w", err)
}

// reaction is one emoji at a message of a history, and who put it there.
type reaction struct {
	Name  string
	Users []string
}
