package wire_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"butler/bot"
	"butler/bot/desk"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/redis"
	"butler/integrations/slack"
	"butler/integrations/slack/slackfake"
)

// The workspace of the benchmark.
const (
	slackFronts = 200  // customers, each with a front and a back of its own
	slackRound  = 4000 // messages of one round: 20 in each front
	slackWindow = 1000 // messages on their way at once; the bot has places for 4096
	slackPace   = 500  // messages a second that one process has to bear
)

// BenchmarkSlackFront measures front messages a second through one process, end
// to end: said in the fake Slack, over the socket, heard, decided, committed to a
// real Redis with appendfsync always, acknowledged. 200 customers speak in turn;
// of ten messages nine are small talk, and one is a report that opens a case or
// adds to one. From the first round on every front has open cases, so that small
// talk too leaves a letter for the experts; cards are posted and edited meanwhile,
// and come back as events.
//
//	msgs/s       the median of several rounds, as fast as acknowledgements come
//	p50, p99     of the time to an acknowledgement, at 500 messages a second
//	cards/s      posts and edits in those rounds, 16 at a time
//	redis-cpu    the share of one core that Redis took in them
//
// What bounds it is the two cores that everything shares. Of the CPU of this
// process the fake takes a tenth, reading envelopes (JSON, once by slack-go and
// once by us) a quarter, hearing them (load, decide, commit) a fifth, telling
// cards and collecting garbage a tenth each. Redis takes a third of a core;
// without its fsync the rate is a sixth higher.
func BenchmarkSlackFront(b *testing.B) {
	f := newSlackBench(b)
	var rate, cards, cpu []float64
	for round := range rounds {
		sent, busy, began := f.cards(), f.redisCPU(), time.Now()
		f.say(round*slackRound, slackRound, func(i int, said []*slackfake.Said) {
			if i >= slackWindow {
				said[i-slackWindow].Acked()
			}
		})
		took := time.Since(began).Seconds()
		rate = append(rate, slackRound/took)
		cards = append(cards, float64(f.cards()-sent)/took)
		cpu = append(cpu, (f.redisCPU()-busy)/took)
	}
	began := time.Now()
	paced := f.say(rounds*slackRound, 5*slackPace, func(i int, _ []*slackfake.Said) {
		time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / slackPace)))
	})
	var acks []time.Duration
	for _, one := range paced {
		for _, d := range one.Deliveries {
			acks = append(acks, d.Took())
		}
	}
	slices.Sort(acks)
	b.ReportMetric(median(rate), "msgs/s")
	b.ReportMetric(median(cards), "cards/s")
	b.ReportMetric(median(cpu), "redis-cpu")
	b.ReportMetric(float64(acks[len(acks)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(acks[len(acks)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
	if n := f.bot.Count.Parked.Load() + f.bot.Count.Never.Load() + f.slack.Count.Refused.Load() + f.slack.Count.Overflow.Load(); n > 0 {
		b.Errorf("%d messages or letters came to nothing", n)
	}
}

// slackBench is one process of the bot, a fake Slack and a Redis.
type slackBench struct {
	b     *testing.B
	fake  *slackfake.Server
	slack *slack.Platform
	bot   *bot.Bot
	raw   *goredis.Client
}

func newSlackBench(b *testing.B) *slackBench {
	ctx, cancel := context.WithCancel(context.Background())
	f := &slackBench{b: b, fake: slackfake.New(b, slackfake.Patience(time.Minute))}
	url := startRedis(b)
	o, err := goredis.ParseURL(url)
	if err != nil {
		b.Fatal(err)
	}
	f.raw = goredis.NewClient(o)
	store, err := redis.Open(ctx, url, redis.Options{})
	if err != nil {
		b.Fatal(err)
	}
	f.slack = slack.New(slack.Options{AppToken: f.fake.AppToken, BotToken: f.fake.BotToken, APIURL: f.fake.URL(),
		Pace: &bot.Pace{PerSecond: 1e6, Burst: 1e6}}) // what is measured is the bot, not the limit of Slack
	freed := make(chan struct{}, 1)
	poke := func() {
		select {
		case freed <- struct{}{}:
		default:
		}
	}
	f.bot = bot.New(bot.Options{Store: store, Directory: f.customers(), Platforms: []bot.Platform{f.slack}, Freed: poke})
	f.slack.Meet(f.bot)
	if err := f.bot.Apply(ctx); err != nil {
		b.Fatal(err)
	}

	// The loops of butler run.
	var loops sync.WaitGroup
	loops.Go(func() {
		if err := f.slack.Listen(ctx, f.bot.Hear); err != nil {
			b.Error(err)
		}
	})
	serve(ctx, b, f.bot, store, freed, &loops)
	b.Cleanup(func() {
		cancel()
		loops.Wait()
		f.bot.Drain()
		store.Close()
		f.raw.Close()
	})
	f.fake.Connected(1)
	return f
}

// customers are like acme of the sample, with rooms and people of their own.
func (f *slackBench) customers() *bot.Directory {
	c := config.Sample()
	acme, _ := wire.Directory(c).Home("acme")
	var homes []bot.Home
	for i := range slackFronts {
		t := *acme.Terms
		t.Customer, t.Rev = fmt.Sprintf("customer-%03d", i), "bench"
		home := acme
		home.Terms = &t
		home.Front.ID, home.Back.ID = slackFront(i), fmt.Sprintf("C0BACK%03d", i)
		home.Contacts = map[string]string{"slack:" + slackPerson(i): "lihua"}
		homes = append(homes, home)
		team := fmt.Sprintf("T0TEAM%03d", i)
		f.fake.Customer(slackPerson(i), "李华", team)
		f.fake.Channel(home.Front.ID, slackfake.SharedWith(team), slackfake.With(slackPerson(i)))
		f.fake.Channel(home.Back.ID, slackfake.Private())
	}
	var staff []bot.Staff
	for _, p := range c.People {
		staff = append(staff, bot.Staff{Person: desk.Person{ID: p.ID, Name: p.Name, Role: p.Role, Language: p.Language}, IDs: p.IDs})
		if id := p.IDs["slack"]; id != "" {
			f.fake.Staff(id, p.Name)
		}
	}
	return bot.NewDirectory(homes, staff)
}

func slackFront(i int) string  { return fmt.Sprintf("C0FRONT%03d", i) }
func slackPerson(i int) string { return fmt.Sprintf("U7PERSON%03d", i) }

// say lets n messages be said, the customers in turn, and waits until the last is
// acknowledged. before is called before each.
func (f *slackBench) say(from, n int, before func(i int, said []*slackfake.Said)) []*slackfake.Said {
	said := make([]*slackfake.Said, 0, n)
	for i := range n {
		before(i, said)
		who := (from + i) % slackFronts
		said = append(said, f.fake.Say(slackFront(who), slackPerson(who), words(from+i)))
	}
	for _, one := range said {
		one.Acked()
	}
	return said
}

// words are what the i-th message of all says: every tenth message of a customer
// is a report, of which every other opens a case of its own.
func words(i int) string {
	turn := i / slackFronts
	if turn%10 != i%10 { // not all customers at the same moment
		return chatter[i%len(chatter)]
	}
	host := fmt.Sprintf("10.0.%d.%d", turn%250, i%250)
	if turn/10%2 == 0 {
		return "/report incident normal 主机 " + host + " 上有可疑进程，CPU 一直很高"
	}
	return "主机 " + host + " 也出现了可疑进程"
}

var chatter = []string{"大家早上好", "收到，谢谢", "好的，辛苦了", "今天下午的会改到四点", "周报已经发到邮箱了", "哈哈", "中午一起吃饭吗", "明天见", "辛苦各位", "谢谢大家"}

// cards counts what was posted and edited so far.
func (f *slackBench) cards() int64 { return f.bot.Count.Told.Load() + f.bot.Count.Edited.Load() }

// redisCPU is how many seconds of a core Redis has used.
func (f *slackBench) redisCPU() float64 {
	info, err := f.raw.Info(context.Background(), "cpu").Result()
	if err != nil {
		f.b.Fatal(err)
	}
	var all float64
	for line := range strings.Lines(info) {
		var used float64
		for _, key := range []string{"used_cpu_sys:", "used_cpu_user:"} {
			if n, _ := fmt.Sscanf(line, key+"%g", &used); n == 1 {
				all += used
			}
		}
	}
	return all
}
