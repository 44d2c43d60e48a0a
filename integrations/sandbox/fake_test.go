package sandbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

// start is where the clock of every test stands.
var start = time.Date(2026, 11, 23, 2, 0, 0, 0, time.FixedZone("CST", 8*3600))

// fake is a service of a few fixed moves, enough to drive the page: a word in
// the front opens a case with a ladder, /claim and /resolve move it on.
type fake struct {
	page  *Page
	clock *Clock

	mu     sync.Mutex
	cases  []*fakeCase
	steps  []Step
	heard  []chat.Message
	deaf   error     // what hear answers
	visits []stop    // every advance, in order
	stuck  time.Time // a deadline that Advance does not get done
	resets int
}

type fakeCase struct {
	CaseLine
	customer    string
	rungs       []time.Time
	front, back string // message ids of the boards
	timeline    []EventLine
}

type stop struct{ from, to time.Time }

func newFake(t testing.TB) (*Page, *fake) {
	t.Helper()
	f := &fake{clock: NewClock(start)}
	page, err := New(Options{Service: f, World: f, Clock: f.clock, Language: "zh-CN"})
	if err != nil {
		t.Fatal(err)
	}
	f.page = page
	return page, f
}

// listen makes the fake hear on every platform until the test ends.
func (f *fake) listen(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, name := range []string{"slack", "dingtalk", "sandbox"} {
		p := f.page.Platform(name)
		wg.Go(func() { p.Listen(ctx, f.hear) })
		for p.Ready() != nil {
			time.Sleep(time.Millisecond)
		}
	}
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
}

func (f *fake) Customers() []Customer {
	staff := []Person{
		{ID: "zhang", Name: "张工", Role: "expert", Users: map[string]string{"slack": "U01"}, Direct: chat.Room{Platform: "slack", ID: "U01", Direct: true}},
		{ID: "wang", Name: "王工", Role: "expert", Users: map[string]string{"slack": "U02"}, Direct: chat.Room{Platform: "slack", ID: "U02", Direct: true}},
		{ID: "chen", Name: "陈经理", Role: "manager", Users: map[string]string{"slack": "U09"}, Direct: chat.Room{Platform: "slack", ID: "U09", Direct: true}},
	}
	return []Customer{
		{
			ID: "acme", Name: "示例科技", Edition: "enterprise", Called: map[string]string{"zh-CN": "企业版", "en": "Enterprise"}, Language: "zh-CN", Zone: "Asia/Shanghai",
			Front: chat.Room{Platform: "slack", ID: "C0FRONT"}, Back: chat.Room{Platform: "slack", ID: "C0BACK"},
			People: append([]Person{{ID: "lihua", Name: "李华", Role: "customer", Users: map[string]string{"slack": "U77"}}, {ID: "zhou", Name: "周敏", Role: "customer"}}, staff...),
		},
		{
			ID: "nova", Name: "Nova Trading", Edition: "escort", Called: map[string]string{"zh-CN": "护航版", "en": "Escort"}, Language: "en", Zone: "Europe/Berlin",
			Front: chat.Room{Platform: "dingtalk", ID: "cidNOVA"}, Back: chat.Room{Platform: "slack", ID: "C0BACK2"},
			People: append([]Person{{ID: "mia", Name: "Mia Keller", Role: "customer"}}, staff...),
		},
		{
			ID: "lan", Name: "兰亭书店", Edition: "emergency", Called: map[string]string{"zh-CN": "应急版", "en": "Emergency"}, Language: "zh-CN", Zone: "Asia/Shanghai",
			Front: chat.Room{Platform: "sandbox", ID: "lan-front"}, Back: chat.Room{Platform: "slack", ID: "C0BACK2"},
			People: append([]Person{{ID: "sun", Name: "孙老板", Role: "customer"}}, staff...),
		},
	}
}

// in picks the words of a language.
func in(lang, zh, en string) string {
	if lang == "en" {
		return en
	}
	return zh
}

var rungWords = [][2]string{{"点名值班专家", "ping the expert on duty"}, {"再次点名", "ping again"}, {"点名备岗", "ping the backup"}, {"告诉经理", "tell the manager"}, {"响应承诺到期", "the response is due"}}

func (f *fake) Timers(_ context.Context, customer, lang string) ([]Timer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Timer
	for _, c := range f.cases {
		for _, at := range c.rungs {
			if c.customer == customer {
				w := rungWords[len(rungWords)-min(len(c.rungs), len(rungWords))+slices.Index(c.rungs, at)]
				out = append(out, Timer{At: at, What: in(lang, w[0], w[1]), Case: c.N})
			}
		}
	}
	if len(out) > 0 {
		out = append(out, Timer{At: start.Add(7 * time.Hour), What: in(lang, "每日巡检摘要", "daily inspection summary")})
	}
	return out, nil
}

func (f *fake) Cases(_ context.Context, customer, lang string) ([]CaseLine, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []CaseLine
	for _, c := range slices.Backward(f.cases) {
		if c.customer == customer {
			out = append(out, c.line(lang))
		}
	}
	return out, nil
}

func (c *fakeCase) line(lang string) CaseLine {
	l := c.CaseLine
	l.Kind = in(lang, "安全事件", "incident")
	l.Status = [][2]string{{"", ""}, {"等待接手", "waiting"}, {"已接手", "claimed"}, {"处理中", "in progress"}, {"等待客户", "waiting for the customer"}, {"已解决", "resolved"}}[l.Phase][map[bool]int{false: 0, true: 1}[lang == "en"]]
	return l
}

func (f *fake) Case(_ context.Context, customer string, n int, lang string) (CaseFile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.cases {
		if c.customer == customer && c.N == n {
			return CaseFile{Line: c.line(lang), Timeline: slices.Clone(c.timeline), Explain: []string{
				"11-23 02:00:00  李华 报告，响应计时开始",
				"承诺 15 分钟 · 紧急安全事件 · §5 安全事件管理",
				"02:00:00 + 15 分 = 02:15:00 (Asia/Shanghai) 最迟响应",
			}}, nil
		}
	}
	return CaseFile{}, ErrNoCase
}

func (f *fake) Complete(_, _, room, prefix, lang string) []desk.Item {
	all := []desk.Item{
		{Label: "/claim N", Command: "/claim 1", Value: in(lang, "接手 1 号工单，后面可以直接写给客户的话", "take case 1; words after it go to the customer")},
		{Label: "/reply N", Command: "/reply 1", Value: in(lang, "回复客户", "answer the customer")},
		{Label: "/note N", Command: "/note 1", Value: in(lang, "内部备注，客户看不到", "an internal note")},
		{Label: "/resolve N", Command: "/resolve 1", Value: in(lang, "写明结论并解决", "solve it and say how")},
		{Label: "/timers", Value: in(lang, "正在走的计时", "what is running")},
		{Label: "/help", Value: in(lang, "全部命令", "all commands")},
	}
	return slices.DeleteFunc(all, func(it desk.Item) bool {
		return !strings.HasPrefix(it.Label, prefix) && !strings.HasPrefix(it.Command+" ", prefix)
	})
}

func (f *fake) Inside(customer, _ string) []Step {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := slices.Clone(f.steps)
	slices.Reverse(out)
	return out
}

func (f *fake) Next(_ context.Context, customer string) (time.Time, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.stuck
	for _, c := range f.cases {
		if (customer == "" || c.customer == customer) && len(c.rungs) > 0 && (next.IsZero() || c.rungs[0].Before(next)) {
			next = c.rungs[0]
		}
	}
	return next, !next.IsZero()
}

func (f *fake) Advance(_ context.Context, to time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.visits = append(f.visits, stop{f.clock.Now(), to})
	f.clock.Set(to)
	if f.deaf != nil {
		return f.deaf
	}
	for _, c := range f.cases {
		for len(c.rungs) > 0 && !c.rungs[0].After(to) {
			f.rung(c)
		}
	}
	return nil
}

func (f *fake) Reset(_ context.Context, wipe func()) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cases, f.steps = nil, nil
	f.resets++
	wipe()
	return nil
}

// hear opens, claims and resolves.
func (f *fake) hear(ctx context.Context, m chat.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.deaf != nil {
		return f.deaf
	}
	f.heard = append(f.heard, m)
	c := f.Customers()[slices.IndexFunc(f.Customers(), func(c Customer) bool {
		return c.Front.String() == m.Room.String() || c.Back.String() == m.Room.String() || m.Room.Direct
	})]
	word, rest, _ := strings.Cut(m.Text, " ")
	number, text, _ := strings.Cut(rest, " ")
	n, _ := strconv.Atoi(number)
	switch {
	case word == "/help":
		f.send(c.Front, bot.Sending{Person: m.Sender.ID, Name: m.Sender.Name, Private: true, Card: card.Card{
			Title: "可以这样说", Lines: []card.Line{{Kind: card.Item, Text: "/report 报告"}, {Kind: card.Item, Text: "/list 工单"}}}})
	case word == "/claim" && n > 0 && n <= len(f.cases):
		k := f.cases[n-1]
		k.Phase, k.rungs, k.Due = desk.PhaseClaimed, nil, time.Time{}
		if text != "" {
			k.Phase = desk.PhaseResponded
		}
		k.event(f, "接手", m.Sender.Name, text, false)
		f.boards(c, k)
		f.step("claim", m.Sender.Name, "", "event 接手", "board #1 客户群、专家群", "wake 没有了")
	case word == "/resolve" && n > 0 && n <= len(f.cases):
		k := f.cases[n-1]
		k.Phase = desk.PhaseResolved
		k.event(f, "解决", m.Sender.Name, text, false)
		f.boards(c, k)
	case m.Room.String() == c.Front.String() && !m.Command:
		k := &fakeCase{customer: c.ID, CaseLine: CaseLine{N: len(f.cases) + 1, Title: m.Text, Phase: desk.PhaseWaiting, Urgent: true, Opened: m.SentAt, Due: m.SentAt.Add(15 * time.Minute)}}
		for _, min := range []int{0, 5, 8, 12, 15} {
			k.rungs = append(k.rungs, m.SentAt.Add(time.Duration(min)*time.Minute))
		}
		f.cases = append(f.cases, k)
		k.event(f, "报告", m.Sender.Name, m.Text, false)
		f.boards(c, k)
		f.rung(k)
		f.step("said", m.Sender.Name, "安全事件 · 紧急 · 依据「勒索」", "event 报告 #1", "board #1 客户群", "board #1 专家群", "notice 点名 张工", "wake 02:05 再次点名")
	}
	return nil
}

func (f *fake) step(input, by, note string, changes ...string) {
	s := Step{At: f.clock.Now(), Input: input, By: by, Note: note}
	for _, c := range changes {
		kind, text, _ := strings.Cut(c, " ")
		s.Changes = append(s.Changes, StepChange{kind, text})
	}
	f.steps = append(f.steps, s)
}

func (c *fakeCase) event(f *fake, what, by, text string, internal bool) {
	c.timeline = append(c.timeline, EventLine{At: f.clock.Now(), What: what, By: by, Text: text, Internal: internal})
}

// rung tells the next rung of a case.
func (f *fake) rung(k *fakeCase) {
	cs := f.Customers()
	c := cs[slices.IndexFunc(cs, func(c Customer) bool { return c.ID == k.customer })]
	i := 5 - len(k.rungs)
	k.rungs = k.rungs[1:]
	who := []string{"zhang", "zhang", "wang", "chen", "chen"}[i]
	p, _ := c.Person(who)
	k.event(f, rungWords[i][0], "", p.Name, true)
	room, tone := c.Back, card.Warning
	if p.Role == "manager" {
		room, tone = p.Direct, card.Danger
	}
	f.send(room, bot.Sending{Key: fmt.Sprintf("%s/%d/ping/%d", c.ID, k.N, i), Person: p.User("slack"), Name: p.Name, Urgent: true, Kind: desk.NPing, Card: card.Card{
		Tone: tone, Title: fmt.Sprintf("请接手 #%d", k.N),
		Lines:   []card.Line{{Kind: card.Quote, Text: k.Title}, {Kind: card.Field, Label: "最迟响应", Text: k.Opened.Add(15*time.Minute).Format("01-02 15:04") + " (Asia/Shanghai)"}},
		Buttons: []card.Button{{Label: "接手", Command: fmt.Sprintf("/claim %d", k.N), Style: "primary"}, {Label: "算式", Command: fmt.Sprintf("/explain %d", k.N)}},
		Foot:    fmt.Sprintf("第 %d 级，共 5 级", i+1),
	}})
	if i > 0 {
		f.step("woke", "", "", "event "+rungWords[i][0], "notice 点名 "+p.Name)
	}
}

// boards shows the live cards of a case in both rooms.
func (f *fake) boards(c Customer, k *fakeCase) {
	status := k.line("zh-CN").Status
	tone := []card.Tone{"", card.Danger, card.Warning, card.Info, card.Info, card.Success}[k.Phase]
	show := func(room chat.Room, ref *string, buttons ...card.Button) {
		s := bot.Sending{Room: room, Kind: desk.NOpened, Card: card.Card{
			Tone: tone, Title: fmt.Sprintf("安全事件 #%d · %s", k.N, k.Title),
			Lines: []card.Line{
				{Kind: card.Text, Text: "已收到，按紧急安全事件处理，值班专家已收到通知。"},
				{Kind: card.Field, Label: "最迟响应", Text: "11-23 02:15 (Asia/Shanghai)"}, {Kind: card.Field, Label: "状态", Text: status},
				{Kind: card.Field, Label: "已通知", Text: "张工 02:00"},
			},
			Buttons: buttons, Foot: "§5 安全事件管理 · 企业版：紧急事件 15 分钟内响应，7×24",
		}}
		if room == c.Back {
			s.Card.Links = []card.Link{{Label: "客户群里的卡片", URL: "https://example.slack.com/archives/C0FRONT/p1"}, {Label: "报告原文", URL: "https://example.slack.com/archives/C0FRONT/p0"}}
		}
		if *ref == "" {
			*ref = f.send(room, s)
			return
		}
		f.page.Platform(room.Platform).Edit(context.Background(), *ref, s)
	}
	show(c.Front, &k.front, card.Button{Label: "补充情况", Command: fmt.Sprintf("/add %d", k.N)}, card.Button{Label: "不是事件", Command: fmt.Sprintf("/triage %d none", k.N), Style: "danger"})
	show(c.Back, &k.back, card.Button{Label: "接手", Command: fmt.Sprintf("/claim %d", k.N), Style: "primary"},
		card.Button{Label: "答复", Command: fmt.Sprintf("/reply %d", k.N), Asks: true}, card.Button{Label: "时间线", Command: fmt.Sprintf("/timeline %d", k.N)})
}

func (f *fake) send(room chat.Room, s bot.Sending) string {
	s.Room = room
	r, err := f.page.Platform(room.Platform).Send(context.Background(), s)
	if err != nil {
		panic(err)
	}
	return r.Ref
}
