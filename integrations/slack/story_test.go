package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/slack/slackfake"
)

// scene is one window of a picture: what was said in its room since the window
// before it, as Slack shows it when the scene ends.
type scene struct {
	caption string
	right   bool   // in the second column
	kind    string // channel, thread, direct
	title   string
	aside   string
	channel string // or the user of a direct one
	again   bool   // shows the cards that were edited since they were shown
	said    []said
	zone    *time.Location
}

// pane is a scene on the page. The day stands above what is first of it.
func (s scene) pane(t *testing.T, lang string, names map[string]string) pane {
	w := pane{Kind: s.kind, Caption: s.caption, Title: s.title, Aside: s.aside}
	day := ""
	for _, m := range s.said {
		at := m.at.In(s.zone)
		line := m.shows(t, names)
		line.Time = clock(lang, at)
		if d := date(lang, at); d != day {
			line.Day, day = d, d
		}
		w.Messages = append(w.Messages, line)
	}
	return w
}

// said is one message in one room.
type said struct {
	channel, ts, thread string
	user                string // "" for the app
	at                  time.Time
	blocks              json.RawMessage
	edits               int
}

// story plays testdata/page/NAME.LANG.play with the real bot on a clock of its
// own, and brings what it tells to the fake Slack through the real platform. A
// comment begins a scene: where it stands, what it shows, and its caption.
//
//	// left, front: …           what is new in the channel
//	// left, front/thread: …    what is new in the threads of its cards
//	// right, front/again: …    its cards once more, as they were edited
//	// right, direct/chen: …    what is new in somebody's direct messages
func story(t *testing.T, name, lang string) (scenes []scene, names map[string]string) {
	t.Helper()
	ctx := context.Background()
	file := filepath.Join("testdata", "page", name+"."+lang+".play")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	play, err := bottest.ParsePlay(file, string(source))
	if err != nil {
		t.Fatal(err)
	}
	st := newStage(t, lang)
	who := play.Steps[slices.IndexFunc(play.Steps, func(s bottest.Step) bool { return s.Customer != "" })].Customer
	turn := func(lines []string) {
		for _, l := range lines {
			if comment, ok := strings.CutPrefix(l, "// "); ok {
				st.cut(scenes)
				scenes = append(scenes, st.scene(comment, lang, who))
			}
		}
	}
	turn(play.Head)
	for _, step := range play.Steps {
		if err := st.do(ctx, step); err != nil {
			t.Fatalf("%s:%d: %v", file, step.Line, err)
		}
		turn(step.Tail)
	}
	st.cut(scenes)
	return scenes, st.names
}

// stage is the real bot on the real platform before the fake Slack. Only time is
// played: the clock moves when a play says so, and no message waits for the next.
type stage struct {
	*Platform
	t     *testing.T
	slack *slackfake.Server
	bot   *bot.Bot
	clock *bottest.Clock
	names map[string]string // by user id
	all   []said            // not shown yet
	shown []said
}

// newStage gives a stage the people and rooms of testdata/page/LANG.yaml.
func newStage(t *testing.T, lang string) *stage {
	t.Helper()
	c, err := config.Load(filepath.Join("testdata", "page", lang+".yaml"), config.Options{Play: true})
	if err != nil {
		t.Fatal(err)
	}
	s := slackfake.New(t)
	st := &stage{Platform: platform(t, s), t: t, slack: s, clock: bottest.NewClock(time.Time{}), names: map[string]string{}}
	if err := st.identify(context.Background()); err != nil { // links need to know the workspace
		t.Fatal(err)
	}
	var staff []string
	for _, p := range c.People {
		id := p.IDs["slack"]
		s.Staff(id, p.Name)
		st.names[id], staff = p.Name, append(staff, id)
	}
	for _, customer := range c.Customers {
		team := "T0" + strings.ToUpper(customer.ID)
		everybody := slices.Clone(staff)
		for _, p := range customer.Contacts {
			s.Customer(p.IDs["slack"], p.Name, team)
			st.names[p.IDs["slack"]], everybody = p.Name, append(everybody, p.IDs["slack"])
		}
		s.Channel(customer.Front.ID, slackfake.SharedWith(team), slackfake.With(everybody...))
		s.Channel(customer.Back.ID, slackfake.Private(), slackfake.With(staff...))
	}
	st.bot = bot.New(bot.Options{Store: bottest.NewMem(st.clock.Now), Directory: wire.Directory(c), Platforms: []bot.Platform{st}, Parallel: 1})
	return st
}

// Limits: none, for the clock stands still between two messages.
func (st *stage) Limits(chat.Room) chat.Limits { return chat.Limits{} }

// Send notes what Slack took. What it shows to one person alone is left out: the
// pictures show what everybody in a room sees.
func (st *stage) Send(ctx context.Context, s bot.Sending) (chat.Receipt, error) {
	r, err := st.Platform.Send(ctx, s)
	if err == nil && !s.Private {
		st.all = append(st.all, said{channel: s.Room.ID, ts: r.Ref, thread: s.Thread, at: st.clock.Now()})
	}
	return r, err
}

// do does one step of the play.
func (st *stage) do(ctx context.Context, s bottest.Step) error {
	switch s.Verb {
	case "at":
		if st.clock.Now().IsZero() {
			st.clock.Set(s.At)
			return st.bot.Apply(ctx)
		}
		return st.bot.Advance(ctx, st.clock, s.At)
	case "wait":
		return st.bot.Advance(ctx, st.clock, st.clock.Now().Add(s.For))
	case "say":
		return st.say(ctx, s)
	}
	return fmt.Errorf("a story has no %s", s.Verb)
}

// say lets somebody write in Slack, and the bot hear it. A command is heard
// only: Slack shows nobody what was typed.
func (st *stage) say(ctx context.Context, s bottest.Step) error {
	dir := st.bot.Directory()
	h, _ := dir.Home(s.Customer)
	m := chat.Message{Room: h.Front, SentAt: st.clock.Now(), Text: s.Text}
	if desk.Room(s.Room) == desk.Back {
		m.Room = h.Back
	}
	m.Sender = chat.Person{ID: dir.User(s.Customer, s.Person, "slack"), Name: dir.Name(s.Customer, s.Person)}
	options := []slackfake.SayOption{slackfake.Unheard()}
	if s.Thread != 0 { // of a case: under the first card that was shown
		i := slices.IndexFunc(st.shown, func(p said) bool { return p.channel == m.Room.ID && p.user == "" && p.thread == "" })
		if i < 0 {
			return errors.New("there is no card to write under")
		}
		m.Thread = st.shown[i].ts
		options = append(options, slackfake.InThread(m.Thread))
	}
	m.ID = st.slack.Say(m.Room.ID, m.Sender.ID, s.Text, options...).TS
	if !strings.HasPrefix(s.Text, "/") {
		st.all = append(st.all, said{channel: m.Room.ID, ts: m.ID, thread: m.Thread, user: m.Sender.ID, at: m.SentAt})
	}
	if err := st.bot.Hear(ctx, m); err != nil {
		return err
	}
	_, err := st.bot.Quiesce(ctx)
	return err
}

// scene reads the comment that begins one.
func (st *stage) scene(comment, lang, customer string) scene {
	place, caption, _ := strings.Cut(comment, ": ")
	column, place, _ := strings.Cut(place, ", ")
	room, rest, _ := strings.Cut(place, "/")
	h, ok := st.bot.Directory().Home(customer)
	words := inSlack[lang]
	s := scene{caption: caption, right: column == "right", kind: "channel", zone: h.Terms.Zone}
	switch {
	case !ok || caption == "":
		st.t.Fatalf("a scene begins as in // left, front: …, not as in // %s", comment)
	case room == "front":
		s.channel, s.title, s.aside = h.Front.ID, "# "+customer, fmt.Sprintf(words["shared"], h.Terms.Name)
	case room == "back":
		s.channel, s.title, s.aside = h.Back.ID, "# "+customer+"-experts", words["private"]
	default:
		s.kind, s.channel = "direct", st.bot.Directory().User(customer, rest, "slack")
		s.title, s.aside = "Butler", fmt.Sprintf(words["direct"], st.bot.Directory().Name(customer, rest))
	}
	if s.again = rest == "again"; rest == "thread" {
		s.kind, s.title, s.aside = "thread", words["thread"], s.title
	}
	return s
}

// cut ends the last scene: what it shows, as it stands in Slack by now.
func (st *stage) cut(scenes []scene) {
	if len(scenes) == 0 {
		return
	}
	s := &scenes[len(scenes)-1]
	show := func(m said) bool {
		if m.channel != s.channel || (m.thread != "") != (s.kind == "thread") {
			return false
		}
		now := st.slack.Message(m.ts)
		if s.again && now.Edits == m.edits {
			return false
		}
		m.blocks, m.edits = now.Blocks, now.Edits
		s.said = append(s.said, m)
		return true
	}
	if s.again {
		for _, m := range st.shown {
			show(m)
		}
	} else {
		st.all = slices.DeleteFunc(st.all, show)
		st.shown = append(st.shown, s.said...)
	}
	if len(s.said) == 0 {
		st.t.Errorf("nothing is said in the scene %q", s.caption)
	}
}
