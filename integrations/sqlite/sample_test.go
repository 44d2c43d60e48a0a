package sqlite

import (
	"fmt"
	"strings"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

// benchCommit is the commit of the tests and benchmarks: what one message to a
// working desk writes. A case of 1 KB, a record of half a KB, one letter or two of
// half a KB, a wake, a seen-mark.
func benchCommit(customer string, version int, now time.Time) bot.Commit {
	d := desk.Desk{Schema: desk.Schema, Customer: customer, At: now, NextCase: 1, Edition: "enterprise", Inspection: desk.InspectionState{Next: now.Add(time.Hour)}}
	c := desk.Case{
		N: 1 + version%3, Kind: desk.Incident, Urgent: true, Status: desk.Open, Opened: now, Touched: now, Adds: version,
		Title: "数据库主机出现勒索提示", Reporter: desk.Who{ID: "U77", Name: "李华"}, Assets: []string{"db01.example.com", "10.0.0.7"},
		Last: desk.Words{By: "李华", Text: strings.Repeat("又来了。", 20), At: now}, Summary: strings.Repeat("已隔离主机。", 15),
	}
	d.Cases = []desk.Case{c}
	op := fmt.Sprintf("slack:C0FRONT:%s:%d", customer, version)
	letters := []bot.Letter{{Customer: customer, Lane: customer + "/front", ID: op + "/front", Body: []byte(strings.Repeat("{通知}", 60))}}
	if version%2 == 0 {
		letters = append(letters, bot.Letter{Customer: customer, Lane: customer + "/back", ID: op + "/back", Urgent: true, Body: []byte(strings.Repeat("{通知}", 60))})
	}
	return bot.Commit{
		Customer: customer, Version: version, Op: op + "/1", Seen: op, Desk: d, Touched: []int{c.N}, Wake: now.Add(time.Hour), Letters: letters,
		Record: desk.Record{Op: op, At: now, Act: "said", Prev: strings.Repeat("h", 43), Events: []desk.Event{{At: now, Kind: "added", Case: 1, By: "李华", Text: strings.Repeat("又来了。", 25)}}},
	}
}
