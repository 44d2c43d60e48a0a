package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"butler/bot/card"
	"butler/bot/chat"
)

// submitWait is how long a form that was sent may take to be heard: Slack waits
// 3 s for the answer to it (docs.slack.dev/interactivity), and then says itself
// that something went wrong.
const submitWait = 2500 * time.Millisecond

// submission is a form that somebody sent off.
type submission struct {
	view    string
	message chat.Message
	kept    kept
	lacks   map[string]string // what is missing, by the block it is missing in
	tells   string            // the block that says what is wrong with the whole: the last text
}

// readSubmission reads a modal that was sent. Whatever people typed stays as it
// is: Slack marks nothing up in an input. An error: it is none of ours, or not as
// we made it; tells is set where there is a text that should not be lost.
func readSubmission(payload json.RawMessage, now time.Time) (submission, error) {
	var in struct {
		User struct {
			ID       string `json:"id"`
			Name     string `json:"name"`
			Username string `json:"username"`
		} `json:"user"`
		View struct {
			ID      string `json:"id"`
			Private string `json:"private_metadata"`
			State   struct {
				Values map[string]map[string]struct {
					Value    string `json:"value"`
					Selected *struct {
						Value string `json:"value"`
					} `json:"selected_option"`
					Type string `json:"type"`
				} `json:"values"`
			} `json:"state"`
		} `json:"view"`
	}
	var s submission
	if err := json.Unmarshal(payload, &in); err != nil {
		return s, err
	}
	for block, actions := range in.View.State.Values {
		if strings.HasPrefix(block, fieldID) && actions[fieldAction].Type == "plain_text_input" && block > s.tells {
			s.tells = block
		}
	}
	if in.View.ID == "" || in.User.ID == "" {
		return s, errors.New("a form without its view or its sender")
	}
	k := &s.kept
	err := json.Unmarshal([]byte(in.View.Private), k)
	if err != nil || !strings.HasPrefix(k.Command, "/") || k.Room == "" || k.Fields < 1 || k.Fields > maxInputs || k.Direct && k.Room != in.User.ID {
		return s, errors.New("a form that does not remember which command it completes")
	}
	s.view, s.tells, s.lacks = in.View.ID, "", map[string]string{}
	answers := make([]string, k.Fields)
	for i := range answers {
		block := fieldID + strconv.Itoa(i)
		a, ok := in.View.State.Values[block][fieldAction]
		if !ok {
			return s, fmt.Errorf("a form without its field %d", i)
		}
		switch answers[i] = strings.TrimSpace(a.Value); {
		case a.Type != "static_select":
			if s.tells = block; answers[i] == "" {
				s.lacks[block] = phrasesIn(k.Lang).empty
			}
			continue
		case a.Selected == nil || !strings.HasPrefix(a.Selected.Value, picked):
			s.lacks[block] = phrasesIn(k.Lang).choose
		default:
			answers[i] = strings.TrimPrefix(a.Selected.Value, picked)
		}
		s.tells = first(s.tells, block)
	}
	text := card.Form{Command: k.Command}.Compose(answers)
	sum := fnv.New32a()
	sum.Write([]byte(text)) // what is corrected after an error is another message
	s.message = chat.Message{Room: chat.Room{Platform: "slack", ID: k.Room, Direct: k.Direct}, ID: fmt.Sprintf("form/%s/%08x", s.view, sum.Sum32()), Thread: k.Thread,
		Sender: chat.Person{ID: in.User.ID, Name: first(in.User.Name, in.User.Username)}, SentAt: now, Command: true, Form: true,
		Text: text}
	return s, nil
}

// submitted takes a form that was sent; false for every other envelope. Each has
// a lane of its own, because its sender waits before the open form: a form that
// is sent twice is heard twice under one id, one after the other.
func (e *ear) submitted(env envelope) bool {
	var head struct {
		Type string `json:"type"`
		View *struct {
			Callback string `json:"callback_id"`
		} `json:"view"`
	}
	if env.Type != "interactive" || json.Unmarshal(env.Payload, &head) != nil || head.Type != "view_submission" || head.View != nil && head.View.Callback != formCallback {
		return false
	}
	s, err := readSubmission(env.Payload, time.Now().UTC())
	if err != nil {
		e.p.Count.Poison.Add(1)
		e.p.log.Warn("slack: a form cannot be read; it is acknowledged", "envelope", env.ID, "error", brief(err))
		e.put("", job{do: func(ctx context.Context) { e.acknowledge(ctx, env.ID, wrong(s.tells, unreadable)) }})
		return true
	}
	s.message.Delivery = env.ID
	e.put("form/"+s.view, job{envelope: env.ID, do: func(ctx context.Context) { e.submit(ctx, env.ID, s) }})
	return true
}

// submit hears a form and closes it. What is not taken stays in the form, which
// says why: nothing that somebody typed is lost.
func (e *ear) submit(ctx context.Context, id string, s submission) {
	if len(s.lacks) > 0 {
		e.acknowledge(ctx, id, refusal{"errors", s.lacks})
		return
	}
	hearing, cancel := context.WithTimeout(ctx, submitWait)
	defer cancel()
	declined, ok := e.heard(hearing, job{envelope: id, message: &s.message})
	switch {
	case !ok:
		e.acknowledge(ctx, id, wrong(s.tells, phrasesIn(s.kept.Lang).again))
	case declined != nil:
		e.acknowledge(ctx, id, wrong(s.tells, cut(declined.Text, maxField)))
	default:
		e.acknowledge(ctx, id, nil)
	}
	if s.kept.Page {
		e.wantHome(s.message.Sender.ID, false)
	}
}

// refusal is the answer that keeps a modal open: a plain text under each block
// that is wrong.
type refusal struct {
	Action string            `json:"response_action"`
	Errors map[string]string `json:"errors"`
}

// wrong says what is wrong under one block; nil, which closes the modal, where
// there is no block to say it under.
func wrong(block, text string) any {
	if block == "" {
		return nil
	}
	return refusal{"errors", map[string]string{block: text}}
}
