package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"butler/bot/card"
	"butler/bot/chat"
)

// What bounds asking for a form. Slack lets a trigger live 3 s
// (docs.slack.dev/interactivity); what is left of them is for the road that a
// command takes when no form can be shown.
const (
	openWait  = 2 * time.Second
	maxAsking = 64 // commands that may wait for a form at once; more go straight to the bot
)

// Limits of a modal (docs.slack.dev/reference/views and block-kit), in characters
// and in pieces.
const (
	maxTitle   = 24 // of the modal and of both its buttons
	maxHint    = 150
	maxInput   = 3000
	maxOptions = 100
	maxOption  = 150 // of the value of an option; its label may be maxLabel long
	maxKept    = 3000
	maxInputs  = 99 // beside the line above them
)

// formCallback is the callback id of our modals, fieldID begins the block id of
// each field, fieldAction is the action id of what is typed there, and picked
// begins the value of each option: Slack takes none that is empty, and an answer
// may be.
const (
	formCallback = "butler_form"
	fieldID      = "butler.form."
	fieldAction  = "answer"
	picked       = "="
)

// kept is what a modal remembers until it is sent: whose command it completes,
// and where that was said. People cannot see or change it.
type kept struct {
	Command string `json:"command"`
	Lang    string `json:"lang"`
	Room    string `json:"room"`
	Direct  bool   `json:"direct,omitempty"`
	Thread  string `json:"thread,omitempty"`
	Fields  int    `json:"fields"`
	Page    bool   `json:"page,omitempty"` // it was pressed in an App Home
}

// asks makes a command ask first whether a form collects what it lacks, and
// returns its lane: one of its own, because a trigger waits for nobody's turn.
// Without a host, and for what is no command, it is the room's.
func (e *ear) asks(env envelope, j *job) string {
	m, hears := *j.message, *j
	var c struct {
		Trigger   string `json:"trigger_id"`
		Container struct {
			Type string `json:"type"`
		} `json:"container"`
	}
	if e.p.host == nil || !m.Command || m.Marks != "" || json.Unmarshal(env.Payload, &c) != nil || c.Trigger == "" {
		return m.Room.ID
	}
	page := c.Container.Type == "view"
	if page {
		hears.do = func(ctx context.Context) {
			e.work(ctx, job{envelope: env.ID, message: &m})
			e.wantHome(m.Sender.ID, false)
		}
	}
	j.do = func(ctx context.Context) {
		asking := e.asking.Add(1)
		defer e.asking.Add(-1)
		if asking <= maxAsking && e.p.open(ctx, m, c.Trigger, page) {
			e.acknowledge(ctx, env.ID, nil)
			return
		}
		e.put(m.Room.ID, hears)
	}
	return "ask/" + env.ID
}

// open shows the form that collects what a command lacks. False: there is none,
// or Slack does not show it, and the command is heard as it is; nothing is lost.
func (p *Platform) open(ctx context.Context, m chat.Message, trigger string, page bool) bool {
	ctx, cancel := context.WithTimeout(ctx, openWait)
	defer cancel()
	f, ok := p.host.Form(ctx, m)
	if !ok {
		return false
	}
	view, err := modal(f, m, page)
	if err == nil {
		_, err = p.api.OpenViewContext(ctx, trigger, view)
		err = p.verdict("views.open", m.Room, err)
	}
	if err != nil {
		p.log.Warn("slack: a form could not be shown; the command is heard as it was typed", "room", m.Room.String(), "error", brief(err))
		return false
	}
	return true
}

// modal is a form as Slack shows it. An error: it cannot be shown within Slack's
// limits without leaving out something that it needs.
func modal(f card.Form, m chat.Message, page bool) (slack.ModalViewRequest, error) {
	says := phrasesIn(f.Lang)
	v := slack.ModalViewRequest{Type: slack.VTModal, CallbackID: formCallback,
		Title:  plain(cut(first(oneLine(f.Title), "Butler"), maxTitle)),
		Submit: plain(cut(first(oneLine(f.Send), says.send), maxTitle)),
		Close:  plain(cut(first(oneLine(f.Cancel), says.cancel), maxTitle))}
	if len(f.Fields) == 0 || len(f.Fields) > maxInputs {
		return v, fmt.Errorf("a form of %d fields; 1 to %d can be shown", len(f.Fields), maxInputs)
	}
	note, err := json.Marshal(kept{Command: f.Command, Lang: f.Lang, Room: m.Room.ID, Direct: m.Room.Direct, Thread: m.Thread, Fields: len(f.Fields), Page: page})
	if err != nil || length(string(note)) > maxKept {
		return v, fmt.Errorf("a form for a command of %d characters, which is more than a modal can remember: %v", length(f.Command), err)
	}
	v.PrivateMetadata = string(note)
	if about := strings.TrimSpace(f.About); about != "" {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, slack.NewSectionBlock(plain(cut(about, maxSection)), nil, nil))
	}
	for i, in := range f.Fields {
		element, err := field(in)
		if err != nil {
			return v, err
		}
		label := plain(cut(first(oneLine(in.Label), "…"), maxHint))
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, slack.NewInputBlock(fieldID+strconv.Itoa(i), label, nil, element))
	}
	return v, nil
}

// field is one field of a form: a menu, or a text of several lines.
func field(in card.Input) (slack.BlockElement, error) {
	var hint *slack.TextBlockObject
	if h := oneLine(in.Hint); h != "" {
		hint = plain(cut(h, maxHint))
	}
	if len(in.Options) == 0 {
		text := slack.NewPlainTextInputBlockElement(hint, fieldAction)
		text.Multiline, text.MaxLength = true, maxInput
		if in.Max > 0 {
			text.MaxLength = min(in.Max, maxInput)
		}
		return text, nil
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, hint, fieldAction)
	for _, o := range in.Options {
		if length(picked+o.Value) > maxOption || len(menu.Options) == maxOptions {
			continue
		}
		option := slack.NewOptionBlockObject(picked+o.Value, plain(cut(first(oneLine(o.Label), o.Value, "…"), maxLabel)), nil)
		if menu.Options = append(menu.Options, option); o.Value == "" && menu.InitialOption == nil {
			menu.InitialOption = option // it adds nothing: who has no choice to make, makes none
		}
	}
	if len(menu.Options) == 0 {
		return nil, fmt.Errorf("a choice none of whose %d answers can be shown", len(in.Options))
	}
	return menu, nil
}

// phrases are the words of this package that a person reads in a form or a page.
type phrases struct {
	send, cancel  string
	empty, choose string
	again         string
	more          string // so many cards are not shown
}

var zh = phrases{send: "发送", cancel: "取消", empty: "请填写内容。", choose: "请选择一项。",
	again: "刚才没能记下来。您写的内容还在，请稍后再发送一次。", more: "还有 %d 项未在这里显示。"}

var en = phrases{send: "Send", cancel: "Cancel", empty: "Please write something here.", choose: "Please choose one.",
	again: "This could not be recorded just now. Your text is still here: please send it again in a moment.", more: "%d more not shown here."}

// unreadable is said where not even the language is known.
const unreadable = "这份表单已失效：请复制您写的内容，关闭后重新打开。 / This form is out of date: please copy your text, close it and open it again."

func phrasesIn(lang string) phrases {
	if lang == "en" {
		return en
	}
	return zh
}
