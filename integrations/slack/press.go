package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"butler/bot/chat"
)

// The ids of what was typed or pressed begin with how.
const (
	slashID   = "slash/"
	pressedID = "press/"
)

// readSlash reads /butler claim 1, and /claim 1 where a workspace has it. Slack
// does not say when a command was typed; it is delivered at once, so it is now.
func readSlash(payload json.RawMessage, me self, now time.Time) (chat.Message, error) {
	var c struct {
		Command string `json:"command"`
		Text    string `json:"text"`
		User    string `json:"user_id"`
		Name    string `json:"user_name"`
		Channel string `json:"channel_id"`
		Thread  string `json:"thread_ts"`
		Trigger string `json:"trigger_id"`
	}
	if err := json.Unmarshal(payload, &c); err != nil {
		return chat.Message{}, err
	}
	if c.User == "" || c.Channel == "" || c.Trigger == "" || !strings.HasPrefix(c.Command, "/") {
		return chat.Message{}, errors.New("a slash command without its user, channel, trigger or command")
	}
	text, _ := words(c.Text, me)
	if c.Command == "/butler" {
		if text == "" {
			text = "help"
		}
		text = "/" + strings.TrimPrefix(text, "/")
	} else {
		text = strings.TrimSpace(c.Command + " " + text)
	}
	return chat.Message{Room: roomOf(c.Channel, "", c.User), ID: slashID + c.Trigger, Thread: c.Thread,
		Sender: chat.Person{ID: c.User, Name: c.Name}, Text: text, SentAt: now, Command: true}, nil
}

// readInteraction reads a pressed button, whose value is a command, and the
// shortcut that turns a message into a report.
func readInteraction(payload json.RawMessage, me self, now time.Time) (chat.Message, error) {
	var i struct {
		Type     string `json:"type"`
		Callback string `json:"callback_id"`
		Trigger  string `json:"trigger_id"`
		ActionTS string `json:"action_ts"`
		User     struct {
			ID       string `json:"id"`
			Name     string `json:"name"`
			Username string `json:"username"`
		} `json:"user"`
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
		Container struct {
			Type    string `json:"type"`
			Channel string `json:"channel_id"`
			TS      string `json:"message_ts"`
			Thread  string `json:"thread_ts"`
		} `json:"container"`
		Message message `json:"message"`
		Actions []struct {
			ID    string `json:"action_id"`
			Value string `json:"value"`
			TS    string `json:"action_ts"`
		} `json:"actions"`
	}
	if err := json.Unmarshal(payload, &i); err != nil {
		return chat.Message{}, err
	}
	channel, kind := first(i.Channel.ID, i.Container.Channel), ""
	if i.Container.Type == "view" && channel == "" {
		channel, kind = i.User.ID, "im" // in a page of theirs: as said to the app alone
	}
	m := chat.Message{Room: roomOf(channel, kind, i.User.ID), Sender: chat.Person{ID: i.User.ID, Name: first(i.User.Name, i.User.Username)},
		Thread: first(i.Container.Thread, i.Message.Thread, i.Container.TS, i.Message.TS), SentAt: now, Command: true}
	switch {
	case i.Type == "block_actions":
		if len(i.Actions) == 0 || !strings.HasPrefix(i.Actions[0].ID, pressID) || !strings.HasPrefix(i.Actions[0].Value, "/") {
			return m, errNoise // not a button of ours
		}
		a := i.Actions[0]
		m.Text, m.ID = a.Value, pressedID+i.Trigger
		if i.Trigger == "" && a.TS != "" {
			m.ID = pressedID + a.TS + "/" + a.ID
		}
		if at, err := moment(first(a.TS, i.ActionTS)); err == nil {
			m.SentAt = at
		}
	case i.Type == "message_action" && i.Callback == reportCallback:
		if i.Message.TS == "" {
			return m, errors.New("a shortcut without its message")
		}
		if err := i.Message.mark(&m, me); err != nil {
			return m, err
		}
		m.ID = markID(i.Message.TS)
	default:
		return m, errNoise
	}
	if channel == "" || i.User.ID == "" || m.ID == pressedID {
		return m, fmt.Errorf("an interaction of the type %.40q without its user, channel or trigger", i.Type)
	}
	return m, nil
}

// reportCallback is the message shortcut "Report to Butler" of the manifest.
const reportCallback = "butler_report"

// answer acknowledges what was heard. What was declined is shown to who asked,
// and to nobody else: in the acknowledgement where Slack shows it, of a slash
// command, and by itself otherwise.
func (e *ear) answer(ctx context.Context, j job, declined *chat.Declined) {
	m := *j.message
	switch {
	case declined == nil:
		e.acknowledge(ctx, j.envelope, nil)
	case strings.HasPrefix(m.ID, slashID):
		e.acknowledge(ctx, j.envelope, map[string]string{"response_type": "ephemeral", "text": unquoted(inert(cut(declined.Text, maxText)))})
	default:
		e.acknowledge(ctx, j.envelope, nil)
		e.queue("declined/"+m.ID, job{do: func(ctx context.Context) { e.p.decline(ctx, m, declined.Text) }})
	}
}

// unquoted keeps what is inert from being a quote, which needs the beginning of a
// line. Slack makes one of &gt; there, too.
func unquoted(s string) string {
	return strings.TrimPrefix(strings.ReplaceAll("\n"+s, "\n&gt;", "\n\u200b&gt;"), "\n")
}

// decline shows one person why what they asked for was not done. It hangs under
// no message whose button was pressed: Slack shows such words only to who has
// the thread open. Best effort: nothing was committed, and nothing is lost.
func (p *Platform) decline(ctx context.Context, m chat.Message, text string) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	channel, err := p.channel(ctx, m.Room)
	options := []slack.MsgOption{slack.MsgOptionText(inert(cut(text, maxText)), false), slack.MsgOptionBlocks(paragraphs(cut(text, maxText))...)}
	if m.Thread != "" && !m.Command {
		options = append(options, slack.MsgOptionTS(m.Thread))
	}
	switch {
	case err != nil:
	case m.Room.Direct:
		_, _, err = p.api.PostMessageContext(ctx, channel, options...)
		err = p.verdict("chat.postMessage", m.Room, err)
	default:
		_, err = p.api.PostEphemeralContext(ctx, channel, m.Sender.ID, options...)
		err = p.verdict("chat.postEphemeral", m.Room, err)
	}
	if err != nil {
		p.log.Warn("slack: somebody could not be told why a command was declined", "room", m.Room.String(), "error", brief(err))
	}
}
