package bottest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
)

// The people and customers of most tests. acme has its rooms; those of nova are
// still to be made or bound.
const (
	people = `
people:
  - {id: zhang, name: 张工, role: expert, slack: U01}
  - {id: chen, name: 陈经理, role: manager, slack: U04}
duty:
  security: {primary: [zhang], manager: [chen]}
customers:
  - {id: acme, name: 示例科技, edition: enterprise, front: "slack:C0FRONT", back: "slack:C0BACK", tam: chen, contacts: [{id: lihua, name: 李华, slack: U77}]}
`
	newCustomer = people + `  - {id: nova, name: 新星电商, edition: enterprise, front: slack, back: slack, tam: chen}
`
	ransom = "数据库主机出现勒索提示，文件被加密" // opens an urgent incident wherever a customer says it
)

// stage is a bot on a store in memory, on owned time, on two platforms that do
// what they are told. Rooms and people are named by their ids on Slack: "C0FRONT",
// and "@U01" for the one-to-one chat with U01.
type stage struct {
	*testing.T
	ctx   context.Context
	b     *bot.Bot
	store *bottest.Mem
	clock *bottest.Clock
	slack *able
	ding  *bottest.Fake
	with  []option
	n     int
}

// option changes what a process is started with.
type option func(*bot.Options)

func newStage(t *testing.T, yaml string, with ...option) *stage {
	t.Helper()
	s := &stage{T: t, ctx: context.Background(), clock: bottest.NewClock(bottest.DefaultStart), with: with}
	s.store = bottest.NewMem(s.clock.Now)
	s.slack = &able{Fake: bottest.NewFake("slack", s.clock.Now)}
	s.ding = bottest.NewFake("dingtalk", s.clock.Now)
	s.boot(yaml)
	return s
}

// boot ends the process and starts another one, on the store as it stands.
func (s *stage) boot(yaml string) {
	s.Helper()
	s.b = s.process(yaml, s.with...)
	must(s.T, s.b.Apply(s.ctx))
	s.quiet()
}

// process is one more process on the same store and platforms. It has not started.
func (s *stage) process(yaml string, with ...option) *bot.Bot {
	s.Helper()
	c, err := config.Parse("test.yaml", "", []byte(yaml), config.Options{Play: true})
	must(s.T, err)
	o := bot.Options{Store: s.store, Directory: wire.Directory(c), Platforms: []bot.Platform{s.slack, s.ding}, Parallel: 1}
	for _, change := range with {
		change(&o)
	}
	return bot.New(o)
}

// quiet lets everything happen that happens at this moment.
func (s *stage) quiet() {
	s.Helper()
	_, err := s.b.Quiesce(s.ctx)
	must(s.T, err)
}

// wait lets time pass; what falls due on the way happens at its own moment.
func (s *stage) wait(d time.Duration) {
	s.Helper()
	must(s.T, s.b.Advance(s.ctx, s.clock, s.clock.Now().Add(d)))
}

// message is what a person says in a room.
func (s *stage) message(room, user, text string) chat.Message {
	s.n++
	m := chat.Message{Room: chat.Room{Platform: "slack", ID: room}, ID: fmt.Sprintf("m%d", s.n), Sender: chat.Person{ID: user}, Text: text, SentAt: s.clock.Now()}
	if id, direct := strings.CutPrefix(room, "@"); direct {
		m.Room = chat.Room{Platform: "slack", ID: id, Direct: true}
	}
	return m
}

// command is what a person gives as a slash command: nobody else reads it.
func (s *stage) command(room, user, text string) chat.Message {
	m := s.message(room, user, text)
	m.Command = true
	return m
}

// mark is an earlier message of U77 that a person marks as a report.
func (s *stage) mark(room, user, of, text string) chat.Message {
	m := s.message(room, user, text)
	m.ID, m.Marks, m.Author = fmt.Sprintf("mark/%s/%d", of, s.n), of, chat.Person{ID: "U77"}
	return m
}

// app is a message of a monitoring app.
func (s *stage) app(room, text string) chat.Message {
	m := s.message(room, "app/B1", text)
	m.Sender = chat.Person{ID: "app/B1", Name: "云监控", App: true}
	return m
}

func (s *stage) hear(m chat.Message) {
	s.Helper()
	must(s.T, s.b.Hear(s.ctx, m))
	s.quiet()
}

// says lets a person say something in a room; types gives a slash command.
func (s *stage) says(room, user, text string) {
	s.Helper()
	s.hear(s.message(room, user, text))
}

func (s *stage) types(room, user, text string) {
	s.Helper()
	s.hear(s.command(room, user, text))
}

// declined is what the asker alone reads of a message that is not taken.
func (s *stage) declined(m chat.Message) string {
	s.Helper()
	var no *chat.Declined
	if err := s.b.Hear(s.ctx, m); !errors.As(err, &no) {
		s.Fatalf("%q is answered with %v, want a refusal for the asker", m.Text, err)
	}
	return no.Text
}

// declines expects a slash command to be declined with some words.
func (s *stage) declines(room, user, text, words string) {
	s.Helper()
	if got := s.declined(s.command(room, user, text)); !strings.Contains(got, words) {
		s.Errorf("%q by %s in %s is declined with %q, which does not say %q", text, user, room, got, words)
	}
}

// system brings a desk what no person says: a finding, a look.
func (s *stage) system(customer string, act desk.Act) {
	s.Helper()
	s.n++
	must(s.T, s.b.Handle(s.ctx, customer, desk.Input{ID: fmt.Sprintf("system/%d", s.n), Actor: desk.Actor{Role: desk.System}, Act: act}))
	s.quiet()
}

func (s *stage) desk(customer string) desk.Desk {
	s.Helper()
	l, err := s.store.Load(s.ctx, customer)
	must(s.T, err)
	return l.Desk
}

// cases expects a customer to have so many cases.
func (s *stage) cases(customer string, want int) {
	s.Helper()
	d := s.desk(customer)
	if len(d.Cases) == want {
		return
	}
	var titles []string
	for _, c := range d.Cases {
		titles = append(titles, fmt.Sprintf("#%d %s", c.N, c.Title))
	}
	s.Fatalf("%s has %d cases, want %d: %q", customer, len(d.Cases), want, titles)
}

// rooms expects a customer's rooms, as the desk remembers those that no config
// names; "" for one that is missing.
func (s *stage) rooms(customer, front, back string) {
	s.Helper()
	if got := s.desk(customer).Rooms; got[desk.Front] != front || got[desk.Back] != back {
		s.Fatalf("the rooms of %s are %v, want front %q and back %q", customer, got, front, back)
	}
}

// shown are the texts that stand in a room or one-to-one chat, edits applied.
func (s *stage) shown(id string) (texts []string) {
	refs := map[string]int{}
	for _, p := range s.slack.Sent {
		if p.Room.ID != id {
			continue
		}
		text := p.Card.String()
		for _, l := range p.Card.Links {
			text += "\n<" + l.Label + " " + l.URL + ">"
		}
		if i, ok := refs[p.Ref]; ok {
			texts[i] = text
			continue
		}
		refs[p.Ref] = len(texts)
		texts = append(texts, text)
	}
	return texts
}

// count is how many texts in a room hold all the words.
func (s *stage) count(id string, words ...string) (n int) {
	for _, text := range s.shown(id) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			n++
		}
	}
	return n
}

// wants expects a text in a room that holds all the words; never expects none.
func (s *stage) wants(id string, words ...string) {
	s.Helper()
	if s.count(id, words...) == 0 {
		s.Fatalf("nothing in %s says %q; there is:\n%s", id, words, strings.Join(s.shown(id), "\n--\n"))
	}
}

func (s *stage) never(id string, words ...string) {
	s.Helper()
	if s.count(id, words...) > 0 {
		s.Fatalf("%s says %q:\n%s", id, words, strings.Join(s.shown(id), "\n--\n"))
	}
}

// able is a platform that can do all that a platform may: it makes rooms, takes
// messages back, gives messages addresses, and saves calls.
type able struct {
	*bottest.Fake
	mu       sync.Mutex
	founded  []bot.Founding
	invited  []string // room, address
	recalled []string // the references of what was taken back

	refuse error           // the answer to who wants a room made
	made   string          // the room that is made, whatever its name; "" for one of its own
	both   *sync.WaitGroup // no room is there before the other
	during func()          // what happens while a room is made
	saving bool            // changes of boards are passed over
}

func (a *able) Found(_ context.Context, f bot.Founding) (bot.Founded, error) {
	if a.both != nil {
		a.both.Done()
		a.both.Wait()
	}
	if a.during != nil {
		a.during()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refuse != nil {
		return bot.Founded{}, a.refuse
	}
	a.founded = append(a.founded, f)
	out := bot.Founded{Room: chat.Room{Platform: a.Name(), ID: "C-" + f.Name}}
	if a.made != "" {
		out.Room.ID = a.made
	}
	if len(f.Emails) > 0 {
		out.Missed = []bot.Missed{{Who: f.Emails[0], Why: "no paid plan", Zh: "没有付费版"}}
	}
	return out, nil
}

func (a *able) Invite(_ context.Context, room chat.Room, emails []string) (missed []bot.Missed, err error) {
	if a.refuse != nil {
		return nil, a.refuse
	}
	for _, e := range emails {
		if strings.HasSuffix(e, ".invalid") {
			missed = append(missed, bot.Missed{Who: e, Why: "no such address", Zh: "没有这个地址"})
			continue
		}
		a.invited = append(a.invited, room.ID+" "+e)
	}
	return missed, nil
}

func (a *able) Recall(_ context.Context, _ chat.Room, ref string) error {
	if err := a.Ready(); err != nil {
		return &chat.Later{Why: err.Error()}
	}
	a.recalled = append(a.recalled, ref)
	return nil
}

func (a *able) Edit(ctx context.Context, ref string, out bot.Sending) (chat.Receipt, error) {
	if a.saving {
		return chat.Receipt{}, &chat.Later{After: time.Minute, Why: "calls are saved", Merge: true}
	}
	return a.Fake.Edit(ctx, ref, out)
}

func (a *able) Link(room chat.Room, ref string) string {
	return "https://chat.example/" + room.ID + "/" + ref
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
