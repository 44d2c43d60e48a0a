package slack

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"butler/bot"
	"butler/bot/chat"
)

// spacing is what Slack allows in one channel: about one message a second
// (docs.slack.dev/apis/web-api/rate-limits), with a little room for clocks.
const spacing = 1050 * time.Millisecond

// eventType names our metadata, by which a message is found again.
const eventType = "butler_notice"

// How far back a message of an earlier attempt is looked for: the attempt this
// process knows of, else a day; and no further than so many pages.
const (
	lookBack  = 24 * time.Hour
	clockSkew = 2 * time.Minute // between this machine and Slack
	lookPages = 5
	lookPage  = 200
)

// Limits is the spacing of chat.postMessage and the size at which Slack cuts.
func (p *Platform) Limits(chat.Room) chat.Limits { return chat.Limits{Spacing: spacing, Body: 40000} }

// Send posts one card: in the room, under its thread, or for one person's eyes
// only. Before it posts again what it may have posted before it looks for the
// key in the metadata of the room's messages.
//
// Errors: *chat.Later for limits, outages, and a token or scope that an operator
// has to mend (Ready says so too); *chat.Never for what no repetition mends.
func (p *Platform) Send(ctx context.Context, s bot.Sending) (chat.Receipt, error) {
	channel, err := p.channel(ctx, s.Room)
	if err != nil {
		return chat.Receipt{}, err
	}
	if err := p.turn(ctx, s); err != nil {
		return chat.Receipt{}, err
	}
	if s.Private && !s.Room.Direct {
		return p.whisper(ctx, channel, s)
	}
	if s.Key != "" && s.Attempt > 1 {
		ref, err := p.posted(ctx, channel, s)
		if ref != "" || err != nil {
			return chat.Receipt{Ref: ref}, err
		}
	}
	if s.Key != "" {
		p.tries.LoadOrStore(s.Key, time.Now())
	}
	ts := ""
	err = p.pictured(ctx, channel, s, func(file string) error {
		_, at, err := p.api.PostMessageContext(ctx, channel, p.message(s, s.Thread, file)...)
		if s.Thread != "" && threadGone(err) {
			_, at, err = p.api.PostMessageContext(ctx, channel, p.message(s, "", file)...)
		}
		ts = at
		return err
	})
	if err := p.verdict("chat.postMessage", s.Room, err); err != nil {
		if never(err) {
			p.tries.Delete(s.Key)
		}
		return chat.Receipt{}, err
	}
	p.tries.Delete(s.Key)
	return chat.Receipt{Ref: ts}, nil
}

// Edit shows a card in the place of an earlier one. Repeating it does no harm.
// Never: the message is gone or no longer ours to change.
func (p *Platform) Edit(ctx context.Context, ref string, s bot.Sending) (chat.Receipt, error) {
	channel, err := p.channel(ctx, s.Room)
	if err != nil {
		return chat.Receipt{}, err
	}
	ts := ""
	err = p.pictured(ctx, channel, s, func(file string) error {
		_, at, _, err := p.api.UpdateMessageContext(ctx, channel, ref, p.message(s, "", file)...)
		ts = at
		return err
	})
	if err := p.verdict("chat.update", s.Room, err); err != nil {
		return chat.Receipt{}, err
	}
	return chat.Receipt{Ref: ts}, nil
}

// whisper shows a card to one person in a channel. Slack keeps no such message,
// so a repeated one cannot be looked up: a second whisper is better than none. It
// has no picture: a file that no message shares is seen by nobody.
func (p *Platform) whisper(ctx context.Context, channel string, s bot.Sending) (chat.Receipt, error) {
	if !userID.MatchString(s.Person) {
		return chat.Receipt{}, &chat.Never{Why: fmt.Sprintf("a private answer needs a Slack user id, and %q is none", s.Person)}
	}
	ts, err := p.api.PostEphemeralContext(ctx, channel, s.Person, p.message(s, s.Thread, "")...)
	if err := p.verdict("chat.postEphemeral", s.Room, err); err != nil {
		return chat.Receipt{}, err
	}
	return chat.Receipt{Ref: ts}, nil
}

// message is a card as the options of a call; file is its picture, "" for none.
func (p *Platform) message(s bot.Sending, thread, file string) []slack.MsgOption {
	person := s.Person
	if s.Private || s.Room.Direct {
		person = "" // whoever reads it is who it is for
	}
	r := render(s.Card, person, s.Name, file)
	options := []slack.MsgOption{slack.MsgOptionText(r.text, false), slack.MsgOptionBlocks(r.blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
	if s.Key != "" && !s.Private {
		options = append(options, slack.MsgOptionMetadata(slack.SlackMetadata{EventType: eventType, EventPayload: map[string]any{"key": s.Key}}))
	}
	if thread != "" {
		options = append(options, slack.MsgOptionTS(thread))
		if s.Loud {
			options = append(options, slack.MsgOptionBroadcast())
		}
	}
	return options
}

// channel is the id to post to. The address of a one-to-one chat is the person's
// user id; its channel is asked for once.
func (p *Platform) channel(ctx context.Context, r chat.Room) (string, error) {
	if !r.Direct {
		return r.ID, nil
	}
	if id, ok := p.directs.Load(r.ID); ok {
		return id.(string), nil
	}
	c, _, _, err := p.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{r.ID}, ReturnIM: true})
	if err := p.verdict("conversations.open", r, err); err != nil {
		return "", err
	}
	p.directs.Store(r.ID, c.ID)
	return c.ID, nil
}

// posted looks for the message that an earlier attempt may have posted; "" when
// there is none. While it cannot look, it does not speak; without the scope to
// look it speaks, for a duplicate is better than a miss.
func (p *Platform) posted(ctx context.Context, channel string, s bot.Sending) (ref string, err error) {
	since := time.Now().Add(-lookBack)
	if t, ok := p.tries.Load(s.Key); ok {
		since = t.(time.Time)
	}
	oldest := strconv.FormatInt(since.Add(-clockSkew).Unix(), 10) + ".000000"
	cursor := ""
	for range lookPages {
		list, next, method, err := p.page(ctx, channel, s.Thread, oldest, cursor)
		if threadGone(err) { // then it stands in the room, if anywhere
			s.Thread = ""
			return p.posted(ctx, channel, s)
		}
		if err := p.verdict(method, s.Room, err); err != nil {
			if code(err) == "missing_scope" {
				return "", nil
			}
			return "", err
		}
		for _, m := range list {
			if m.Metadata.EventType == eventType && m.Metadata.EventPayload["key"] == s.Key {
				p.tries.Delete(s.Key)
				return m.Timestamp, nil
			}
		}
		if cursor = next; cursor == "" {
			return "", nil
		}
	}
	return "", nil
}

// page reads one page of a room or of a thread.
func (p *Platform) page(ctx context.Context, channel, thread, oldest, cursor string) (list []slack.Message, next, method string, err error) {
	if thread != "" {
		list, _, next, err = p.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Oldest: oldest, Cursor: cursor, Limit: lookPage, IncludeAllMetadata: true})
		return list, next, "conversations.replies", err
	}
	h, err := p.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: oldest, Cursor: cursor, Limit: lookPage, IncludeAllMetadata: true})
	if err != nil {
		return nil, "", "conversations.history", err
	}
	return h.Messages, h.ResponseMetaData.NextCursor, "conversations.history", nil
}
