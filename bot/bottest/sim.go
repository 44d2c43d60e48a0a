package bottest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"butler/bot/desk"
)

// Sim is a seeded random world: people report, claim, answer, gossip and click;
// time passes; the process dies, platforms go down, messages arrive twice. After
// every step the Invariants are checked. A failing seed prints itself as a play.
type Sim struct {
	Seed  uint64
	Steps int

	w     *World
	r     *rand.Rand
	lines []string // what happened, as a play
	watch *Watcher
	marks int
}

// Failure is a broken invariant with the play that breaks it.
type Failure struct {
	Seed uint64
	Why  string
	Play string
}

// Error prints the play.
func (f *Failure) Error() string {
	return fmt.Sprintf("seed %d: %s\n// seed %d: %s\n%s", f.Seed, f.Why, f.Seed, f.Why, f.Play)
}

// RunSim plays one seed to its end; nil when every invariant held. decide is
// desk.Decide, or one with a seeded mistake.
func RunSim(ctx context.Context, o WorldOptions, seed uint64, steps int) error {
	s := &Sim{Seed: seed, Steps: steps, r: rand.New(rand.NewPCG(seed, 0x5eed))}
	s.watch = NewWatcher()
	o.Start = DefaultStart.Add(time.Duration(s.r.IntN(7*24*60)) * time.Minute)
	o.Watch = s.watch.committed
	s.lines = append(s.lines, "at "+o.Start.Format(time.RFC3339))
	w, err := NewWorld(ctx, o)
	if err != nil {
		return err
	}
	s.w = w
	s.watch.w = w
	for range steps {
		if err := s.step(ctx); err != nil {
			return s.fail(err)
		}
		if err := s.watch.Check(ctx); err != nil {
			return s.fail(err)
		}
	}
	// At the end time passes until everything that was promised has happened.
	s.line("wait 20d")
	if err := w.Wait(ctx, 20*24*time.Hour); err != nil {
		return s.fail(err)
	}
	if err := s.watch.Check(ctx); err != nil {
		return s.fail(err)
	}
	if err := s.watch.CheckJournals(ctx); err != nil {
		return s.fail(err)
	}
	return nil
}

func (s *Sim) fail(err error) error {
	return &Failure{Seed: s.Seed, Why: err.Error(), Play: strings.Join(s.lines, "\n")}
}

func (s *Sim) line(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// pick returns one of the words.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// marker is a word that occurs nowhere else: the watcher looks for it.
func (s *Sim) marker(kind, customer string) string {
	s.marks++
	return fmt.Sprintf("%s-%s-%d-zq", kind, customer, s.marks)
}

var reports = []string{
	"数据库主机出现勒索提示，所有文件都打不开了", "网站首页被篡改成博彩了", "云安全中心一直报暴力破解告警，都失败了，帮忙看下",
	"扫描报告说我们用的 fastjson 1.2.58 有高危漏洞", "想咨询一下堡垒机怎么选", "请帮忙在 WAF 上加一条拦截策略",
	"our web server was defaced just now", "CVE-2021-44228 found in our log4j, what should we do", "服务器在挖矿，CPU 100%",
	"昨晚发版之后下单接口一直超时", "好的，谢谢", "中午吃什么", "10.1.2.3 上又发现 webshell", "另外还有一个问题，www.example.com 被挂马了",
}

// step does one random thing.
func (s *Sim) step(ctx context.Context) error {
	customers := s.w.Dir.Customers()
	customer := pick(s.r, customers)
	switch n := s.r.IntN(100); {
	case n < 22:
		return s.pass(ctx)
	case n < 40:
		return s.report(ctx, customer)
	case n < 78:
		return s.command(ctx, customer)
	case n < 86:
		return s.inside(ctx, customer)
	case n < 92:
		return s.click(ctx, customer)
	case n < 95:
		if s.w.last == nil || s.w.Clock.Now().Sub(s.w.last.SentAt) > 24*time.Hour {
			return nil // platforms redeliver for minutes; the seen-mark promises a day
		}
		s.line("redeliver")
		return s.w.Redeliver(ctx)
	case n < 98:
		d := time.Duration(s.r.IntN(3)) * time.Duration(s.r.IntN(90)) * time.Minute
		s.line("crash %s", d)
		return s.w.Crash(ctx, d)
	}
	name := pick(s.r, s.w.sortedPlatforms())
	d := time.Duration(1+s.r.IntN(40)) * time.Minute
	s.line("down %s %s", name, d)
	s.w.Fakes[name].Down(s.w.Clock.Now().Add(d))
	s.watch.down(s.w.Clock.Now().Add(d))
	return nil
}

func (w *World) sortedPlatforms() []string {
	names := w.platforms()
	slices.Sort(names)
	return names
}

func (s *Sim) pass(ctx context.Context) error {
	spans := []time.Duration{10 * time.Second, time.Minute, 3 * time.Minute, 7 * time.Minute, 20 * time.Minute, time.Hour, 5 * time.Hour, 26 * time.Hour, 4 * 24 * time.Hour}
	d := pick(s.r, spans) + time.Duration(s.r.IntN(9000))*time.Millisecond
	s.line("wait %s", d)
	return s.w.Wait(ctx, d)
}

func (s *Sim) say(ctx context.Context, customer, room, person, text string) error {
	at := customer
	if room != "front" {
		at += "/" + room
	}
	s.line("%s %s: %s", at, person, strings.ReplaceAll(text, "\n", `\n`))
	return s.w.Say(ctx, customer, room, person, text, 0)
}

// customerPerson is somebody on the customer's side; staff one of the people.
func (s *Sim) customerPerson(customer string) string {
	h, _ := s.w.Dir.Home(customer)
	names := []string{"passerby"}
	for _, c := range h.Terms.Contacts {
		names = append(names, c.ID)
	}
	return pick(s.r, names)
}

func (s *Sim) staff(customer string) string {
	h, _ := s.w.Dir.Home(customer)
	return pick(s.r, h.Terms.Staff).ID
}

func (s *Sim) report(ctx context.Context, customer string) error {
	mark := s.marker("CUST", customer)
	text := pick(s.r, reports) + " " + mark
	switch s.r.IntN(4) {
	case 0:
		text = "@管家 " + text
	case 1:
		kind := pick(s.r, []string{"incident urgent", "incident normal", "vulnerability high", "vulnerability low", "consultation", "policy"})
		text = "/report " + kind + " " + text
		s.watch.mustKeep(customer, mark)
	}
	return s.say(ctx, customer, "front", s.customerPerson(customer), text)
}

// command types a command with a case number that may or may not exist.
func (s *Sim) command(ctx context.Context, customer string) error {
	d, err := s.w.Desk(ctx, customer)
	if err != nil {
		return err
	}
	n := 1 + s.r.IntN(d.NextCase+2)
	if len(d.Cases) > 0 && s.r.IntN(5) > 0 {
		n = pick(s.r, d.Cases).N
	}
	m := 1 + s.r.IntN(d.NextCase+1)
	words := func() string { return "公开的话 " + s.marker("CUST", customer) }
	inner := s.marker("INTERNAL", customer)
	ref := fmt.Sprint(n)
	forStaff := []string{
		"/claim " + ref, "/claim " + ref, "/claim " + ref + " 我是值班专家，正在看", "/unclaim " + ref + " " + inner, "/assign " + ref + " wang",
		"/reply " + ref + " " + words(), "/ask " + ref + " 请提供登录日志", "/resume " + ref, "/urgent " + ref, "/lower " + ref + " 影响面小",
		"/severity " + ref + " high", "/severity " + ref + " low 已缓解", "/category " + ref + " malware", "/stage " + ref + " 2",
		"/resolve " + ref + " 已清除后门并加固", "/resolve " + ref + " 已清除", "/reopen " + ref, fmt.Sprintf("/merge %d %d", n, m), fmt.Sprintf("/link %d %d", n, m),
		"/close " + ref + " 误报", "/recur " + ref, "/list", "/show " + ref, "/timers", "/timeline " + ref, "/explain " + ref, "/oncall", "/edition", "/help", "/note " + ref + " " + inner,
		"/ask " + ref, "/lower " + ref, "/clam " + ref, "/inspect",
	}
	forCustomer := []string{"/urgent " + ref, "/confirm " + ref, "/reopen " + ref, "/recur " + ref, "/list", "/show " + ref, "/explain " + ref,
		"/timeline " + ref, "/claim " + ref, "/note " + ref + " x", "/lower " + ref + " x", "/help", "/fine " + ref, "/assist " + ref, "/severity " + ref + " high"}
	if s.r.IntN(3) == 0 {
		return s.say(ctx, customer, "front", s.customerPerson(customer), pick(s.r, forCustomer))
	}
	text := pick(s.r, forStaff)
	room := "back"
	if s.r.IntN(3) == 0 && !strings.Contains(text, inner) {
		room = "front"
	}
	return s.say(ctx, customer, room, s.staff(customer), text)
}

// inside lets staff talk: in the back it is internal, in the front an answer.
func (s *Sim) inside(ctx context.Context, customer string) error {
	if s.r.IntN(4) == 0 {
		return s.say(ctx, customer, "front", s.staff(customer), "我们正在处理 "+s.marker("CUST", customer))
	}
	mark := s.marker("INTERNAL", customer)
	d, err := s.w.Desk(ctx, customer)
	if err != nil {
		return err
	}
	for _, c := range d.Cases {
		if c.Boards[desk.Back].Ref != "" && s.r.IntN(2) == 0 {
			s.line("%s/back#%d %s: %s", customer, c.N, s.staff(customer), mark)
			return s.w.Say(ctx, customer, "back", s.staff(customer), mark, c.N)
		}
	}
	return s.say(ctx, customer, "back", s.staff(customer), mark)
}

// click presses a random button that is visible in the front.
func (s *Sim) click(ctx context.Context, customer string) error {
	h, _ := s.w.Dir.Home(customer)
	room, person, address := "front", s.customerPerson(customer), h.Front
	if s.r.IntN(2) == 0 {
		room, person, address = "back", s.staff(customer), h.Back
	}
	var commands []string
	seen := map[string]bool{}
	sent := s.w.Fakes[address.Platform].Sent
	for i := len(sent) - 1; i >= 0 && len(commands) < 12; i-- {
		if sent[i].Room.ID != address.ID || seen[sent[i].Ref] {
			continue
		}
		seen[sent[i].Ref] = true
		for _, b := range sent[i].Card.Buttons {
			commands = append(commands, b.Command)
		}
	}
	if len(commands) == 0 {
		return nil
	}
	cmd := pick(s.r, commands)
	at := customer
	if room == "back" {
		at += "/back"
	}
	s.line("%s %s: click %s", at, person, cmd)
	return s.w.Click(ctx, customer, room, person, cmd)
}
