package storetest

import (
	"fmt"
	"time"

	"butler/bot"
	"butler/bot/desk"
	"butler/sla"
)

// step is the commit that follows what was loaded: one more record in the
// journal's chain, the desk otherwise as it was. Cases set the rest.
func step(customer string, l bot.Loaded, op string) bot.Commit {
	d := l.Desk
	d.Schema, d.Customer, d.At = desk.Schema, customer, l.Now
	r := desk.Record{
		Op:  "input of " + op, // the input's identity is not the commit's
		At:  l.Now.In(time.FixedZone("CST", 8*3600)),
		Act: "said",
		Events: []desk.Event{
			{At: l.Now.Add(-1234567 * time.Nanosecond), Kind: "added", Case: 1, By: "李华 <&> \"\\\u2028", Text: "数据库主机出现勒索提示", Inside: "内部", Mark: &sla.Mark{At: l.Now, Verb: sla.Started, Promise: 15 * time.Minute}},
		},
		Prev: l.Desk.Head,
	}
	d.Head = desk.Hash(r.Encode())
	return bot.Commit{Customer: customer, Version: l.Version, Op: op, Desk: d, Record: r}
}

// aCase is a case with something in every kind of field.
func aCase(n int, at time.Time) desk.Case {
	at = at.UTC()
	return desk.Case{
		N: n, Kind: desk.Incident, Urgent: true, Category: desk.Malware, Status: desk.Open,
		Title: fmt.Sprintf("案件 %d <script>&amp;", n), Opened: at, Touched: at,
		Reporter: desk.Who{ID: "U77", Name: "李华"},
		Row:      sla.Row{Matter: sla.IncidentUrgent, Included: true, Respond: 15 * time.Minute},
		Respond:  sla.Start(sla.Mark{At: at, Promise: 15 * time.Minute, Ref: "slack:C0:1"}),
		Rungs:    desk.Rungs{Told: 1, Pings: []desk.Ping{{Person: "zhang", Rung: 0, At: at}}},
		Assets:   []string{"db01.example.com", "10.0.0.7"},
		Boards:   map[desk.Room]desk.Shown{desk.Front: {Ref: "C0/1.2", Hash: "h"}},
	}
}

// aLetter is a letter of a lane of its customer.
func aLetter(customer, lane, id string, urgent bool) bot.Letter {
	return bot.Letter{Customer: customer, Lane: lane, ID: id, Urgent: urgent, Body: []byte(`{"key":"` + id + `","text":"第一行\n<b>"}`)}
}

// setUp commits one desk with a wake and letters, from whatever it is now.
func (s *suite) setUp(customer, op string, wake time.Time, letters ...bot.Letter) {
	s.Helper()
	c := step(customer, s.load(customer), op)
	c.Wake, c.Letters = wake, letters
	s.commit(c)
}

// ids of letters, in order.
func ids(letters []bot.Letter) []string {
	var out []string
	for _, l := range letters {
		out = append(out, l.ID)
	}
	return out
}

// names of woken customers, in order.
func names(wakes []bot.Wake) []string {
	var out []string
	for _, w := range wakes {
		out = append(out, w.Customer)
	}
	return out
}
