package wire_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/dingtalk"
	"butler/integrations/redis"
	"butler/integrations/slack"
)

// The morning of the benchmark.
const (
	mornings     = 10_000                // customers whose summary is due at 09:00
	prepared     = 15 * time.Second      // at least, for 10,000 desks with a finding each
	flooded      = 30 * time.Second      // watched under the true limits
	pingEvery    = time.Second           // an urgent incident is reported
	callTakes    = 80 * time.Millisecond // of the platform, for a message
	mostToDecide = time.Minute
)

// BenchmarkMorning is 09:00: 10,000 customers with a finding each, two processes
// on a real Redis with appendfsync always, no clock but Redis' own. The platform
// is a stand-in that takes 80 ms for a message, counts, and refuses what is over
// the limits of the real one; the pace is that of the integration.
//
//	s-decided     from 09:00 until the last of 10,000 summaries is committed
//	letters/s     told in the 30 s after that, under the true limits: nothing is scaled
//	refused/s     of them, by the platform
//	s-10000       what 10,000 letters take at that rate (computed)
//	ping-p50-ms   from an urgent report, one a second in those 30 s, to its ping at the
//	ping-max-ms   platform: the experts' board goes before it, in the same room
//	drain/s       letters told a second when the platform is lifted after that: no limits, no 80 ms
//
// It fails when a summary is told twice or not at all, when deciding takes a
// minute, or when a ping is missing.
func BenchmarkMorning(b *testing.B) {
	b.Run("dingtalk", func(b *testing.B) {
		// 20 calls a second of one app at one API, the standard edition.
		morning(b, dingtalk.UsualPace, chat.Limits{Spacing: 250 * time.Millisecond}, 20, time.Second)
	})
	b.Run("slack", func(b *testing.B) {
		// One message a second in a channel, and several hundred a minute in all.
		morning(b, slack.UsualPace, chat.Limits{Spacing: 1050 * time.Millisecond}, 500, time.Minute)
	})
}

func morning(b *testing.B, pace func() *bot.Pace, room chat.Limits, most int, span time.Duration) {
	nine := time.Now().Add(prepared).Truncate(time.Minute).Add(time.Minute) // of that day the inspection's hour
	m := &dawn{b: b, city: &city{most: most, span: span, told: map[string]int{}, pinged: map[string]time.Time{}}}
	m.start(morningDirectory(nine), pace, room)
	m.prepare()
	if late := time.Since(nine); late > 0 {
		b.Skipf("the machine took %s too long to prepare the desks", late)
	}
	m.serve()
	time.Sleep(time.Until(nine))
	for m.decided.Load() < mornings {
		if time.Since(nine) > mostToDecide {
			b.Fatalf("only %d of %d summaries were decided in %s", m.decided.Load(), mornings, mostToDecide)
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.ReportMetric(time.UnixMilli(m.last.Load()).Sub(nine).Seconds(), "s-decided")

	took, refused, from := m.city.count()
	asked := m.report(from)
	now, no, until := m.city.count()
	rate := float64(now-took) / until.Sub(from).Seconds()
	b.ReportMetric(rate, "letters/s")
	b.ReportMetric(float64(no-refused)/until.Sub(from).Seconds(), "refused/s")
	b.ReportMetric(mornings/rate, "s-10000")
	var waits []float64
	for room, at := range asked {
		waits = append(waits, m.city.pingOf(b, room).Sub(at).Seconds()*1000)
	}
	b.ReportMetric(median(waits), "ping-p50-ms") // sorts
	b.ReportMetric(waits[len(waits)-1], "ping-max-ms")

	m.city.lift()
	for _, p := range m.platforms {
		p.free.Store(true)
	}
	took, _, from = m.city.count()
	for left := 1; left > 0; time.Sleep(50 * time.Millisecond) {
		o, err := m.stores[0].Outbox(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if left = o.Letters; time.Since(from) > 3*time.Minute {
			b.Fatalf("%d letters were not told after three minutes without limits", left)
		}
	}
	now, _, until = m.city.count()
	b.ReportMetric(float64(now-took)/until.Sub(from).Seconds(), "drain/s")
	b.ReportMetric(0, "ns/op")
	m.once()
}

// dawn is two processes and what they serve.
type dawn struct {
	b         *testing.B
	city      *city
	bots      []*bot.Bot
	stores    []*redis.Store
	platforms []*metered
	freed     []chan struct{}
	decided   atomic.Int64
	last      atomic.Int64 // when the last one was, unix ms
}

func (m *dawn) start(dir *bot.Directory, pace func() *bot.Pace, room chat.Limits) {
	url := startRedis(m.b)
	for range 2 {
		store, err := redis.Open(context.Background(), url, redis.Options{})
		if err != nil {
			m.b.Fatal(err)
		}
		p := &metered{city: m.city, pace: pace(), limits: room}
		freed := make(chan struct{}, 1)
		poke := func() {
			select {
			case freed <- struct{}{}:
			default:
			}
		}
		m.bots = append(m.bots, bot.New(bot.Options{Store: store, Directory: dir, Platforms: []bot.Platform{p}, Freed: poke, Watch: m.watch}))
		m.stores, m.platforms, m.freed = append(m.stores, store), append(m.platforms, p), append(m.freed, freed)
	}
}

// serve runs the loops of both processes until the benchmark ends.
func (m *dawn) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	var loops sync.WaitGroup
	for i, bt := range m.bots {
		serve(ctx, m.b, bt, m.stores[i], m.freed[i], &loops)
	}
	m.b.Cleanup(func() {
		cancel()
		loops.Wait()
		for i, bt := range m.bots {
			bt.Drain()
			m.stores[i].Close()
		}
	})
}

// watch counts the summaries that are committed.
func (m *dawn) watch(c bot.Committed) {
	for _, n := range c.Change.Notices {
		if n.Kind == desk.NInspection && n.Room == desk.Front {
			m.decided.Add(1)
			m.last.Store(time.Now().UnixMilli())
		}
	}
}

// prepare gives every desk its terms and a finding.
func (m *dawn) prepare() {
	ids := m.bots[0].Directory().Customers()
	var wg sync.WaitGroup
	for w := range callers {
		wg.Go(func() {
			for i := w; i < len(ids); i += callers {
				in := desk.Input{ID: "found/" + ids[i], At: time.Now(), Actor: desk.Actor{Role: desk.System}, Act: desk.Found{
					Source: "scanner", ID: "f1", Layer: "host", Asset: "10.0.0.5", Title: "SSH 允许密码登录", Severity: desk.Low, SeenAt: time.Now()}}
				if err := m.bots[i%2].Handle(context.Background(), ids[i], in); err != nil {
					m.b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// report lets customers report urgent incidents while the flood is told, and
// returns when each was said, by the room of its ping.
func (m *dawn) report(from time.Time) map[string]time.Time {
	ids := m.bots[0].Directory().Customers()
	asked := map[string]time.Time{}
	urgent := true
	for i := 0; time.Since(from) < flooded; i++ {
		time.Sleep(time.Until(from.Add(time.Duration(i) * pingEvery)))
		who := (7919 * (i + 1)) % len(ids) // far from each other
		asked[morningBack(who)] = time.Now()
		in := desk.Input{ID: fmt.Sprint("report/", i), At: time.Now(), Room: desk.Front, Ref: "m1", Actor: desk.Actor{ID: "lihua", Name: "李华", Role: desk.CustomerSide},
			Act: desk.Report{Kind: desk.Incident, Urgent: &urgent, Text: "数据库主机出现勒索提示"}}
		if err := m.bots[i%2].Handle(context.Background(), ids[who], in); err != nil {
			m.b.Error(err)
		}
	}
	return asked
}

// once checks that every summary was told, and none twice.
func (m *dawn) once() {
	m.city.mu.Lock()
	defer m.city.mu.Unlock()
	front := 0
	for _, bt := range m.bots {
		if n := bt.Count.Never.Load() + bt.Count.Parked.Load(); n > 0 {
			m.b.Errorf("%d letters or inputs came to nothing", n)
		}
	}
	for key, n := range m.city.told {
		if n > 1 {
			m.b.Errorf("%s was told %d times", key, n)
		}
		if strings.HasPrefix(key, "F") {
			front++
		}
	}
	if front != mornings {
		m.b.Errorf("%d of %d customers were told their summary", front, mornings)
	}
}

// morningDirectory is the customers, whose inspection comes at a time of the day.
func morningDirectory(nine time.Time) *bot.Directory {
	c := config.Sample()
	local := nine.In(c.Terms()["acme"].Zone)
	acme, _ := wire.Directory(c).Home("acme")
	var homes []bot.Home
	for i := range mornings {
		t := *acme.Terms
		t.Customer, t.Rev, t.Since = fmt.Sprintf("customer-%05d", i), "bench", ""
		t.Inspect.Minute = local.Hour()*60 + local.Minute()
		home := acme
		home.Terms = &t
		home.Front = chat.Room{Platform: "slack", ID: fmt.Sprintf("F%05d", i)}
		home.Back = chat.Room{Platform: "slack", ID: morningBack(i)}
		homes = append(homes, home)
	}
	var staff []bot.Staff
	for _, p := range c.People {
		staff = append(staff, bot.Staff{Person: desk.Person{ID: p.ID, Name: p.Name, Role: p.Role, Language: p.Language}, IDs: p.IDs})
	}
	return bot.NewDirectory(homes, staff)
}

func morningBack(i int) string { return fmt.Sprintf("B%05d", i) }

// metered is one process' way to the city: it waits for its turn as the
// integrations do.
type metered struct {
	city   *city
	pace   *bot.Pace
	limits chat.Limits
	free   atomic.Bool
	refs   atomic.Int64
}

func (p *metered) Name() string                                    { return "slack" } // where the sample has its people
func (p *metered) Listen(ctx context.Context, hear bot.Hear) error { <-ctx.Done(); return nil }
func (p *metered) Ready() error                                    { return nil }
func (p *metered) Limits(chat.Room) chat.Limits {
	if p.free.Load() {
		return chat.Limits{}
	}
	return p.limits
}

func (p *metered) Send(ctx context.Context, s bot.Sending) (chat.Receipt, error) {
	for !p.free.Load() {
		wait := p.pace.Take(time.Now(), s.Urgent)
		if wait == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return chat.Receipt{}, &chat.Later{After: time.Second, Why: "others come first"}
		case <-time.After(wait):
		}
	}
	if !p.city.take(s) {
		p.pace.Refused(time.Now())
		return chat.Receipt{}, &chat.Later{After: time.Second, Why: "too many"}
	}
	if !p.free.Load() {
		time.Sleep(callTakes)
	}
	return chat.Receipt{Ref: fmt.Sprint("m", p.refs.Add(1))}, nil
}

// city is the platform itself: what it took from all processes.
type city struct {
	most int
	span time.Duration

	mu      sync.Mutex
	free    bool
	recent  []time.Time // taken in the last span
	took    int
	refused int
	told    map[string]int       // summaries, by room and key
	pinged  map[string]time.Time // first ping, by room
}

// take takes one message, unless there were too many.
func (c *city) take(s bot.Sending) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for len(c.recent) > 0 && now.Sub(c.recent[0]) >= c.span {
		c.recent = c.recent[1:]
	}
	if !c.free && len(c.recent) >= c.most {
		c.refused++
		return false
	}
	c.recent = append(c.recent, now)
	c.took++
	if s.Kind == desk.NInspection {
		c.told[s.Room.ID+" "+s.Key]++
	}
	if _, ok := c.pinged[s.Room.ID]; !ok && s.Kind == desk.NPing {
		c.pinged[s.Room.ID] = now
	}
	return true
}

func (c *city) lift() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free = true
}

func (c *city) count() (took, refused int, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.took, c.refused, time.Now()
}

// pingOf is when a room was pinged; it waits a little for the last ones.
func (c *city) pingOf(b *testing.B, room string) time.Time {
	for range 300 {
		c.mu.Lock()
		at, ok := c.pinged[room]
		c.mu.Unlock()
		if ok {
			return at
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Errorf("%s was never pinged", room)
	return time.Now()
}
