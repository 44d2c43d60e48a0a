package redis

import (
	"fmt"
	"time"

	"butler/bot"
	"butler/bot/desk"
	"butler/sla"
)

// What a customer with one open incident looks like: heard, shown, pinged twice,
// claimed. Benchmarks measure with it; tests use its parts.

func sampleCase(n int, at time.Time) desk.Case {
	return desk.Case{
		N: n, Kind: desk.Incident, Urgent: true, Category: desk.Malware, Status: desk.Open,
		Title: "生产数据库主机出现勒索提示，文件被加密", Opened: at, Touched: at.Add(4 * time.Minute),
		Reporter: desk.Who{ID: "U77A1B2C3", Name: "李华"}, Why: "勒索, 加密 → 有害程序事件",
		Row: sla.Row{
			Matter: sla.IncidentUrgent, Included: true, Respond: 15 * time.Minute, Resolve: 120 * time.Hour,
			SafeDays: 15, Ladder: sla.DefaultLadder, Clause: "§5 安全事件管理",
		},
		Respond: sla.Start(sla.Mark{At: at, Promise: 15 * time.Minute, By: "李华", Ref: "1795431446.000200"}),
		Resolve: sla.Start(sla.Mark{At: at, Promise: 120 * time.Hour, By: "李华", Ref: "1795431446.000200"}),
		Rungs: desk.Rungs{Told: 2, Pings: []desk.Ping{
			{Person: "zhang", Rung: 0, At: at, Told: at.Add(400 * time.Millisecond)},
			{Person: "chen", Rung: 0, At: at, Told: at.Add(420 * time.Millisecond)},
		}},
		Assignee: "zhang", Claimed: at.Add(4 * time.Minute),
		Assets: []string{"db01.example.com"},
		Refs:   []desk.Ref{{ID: "1795431446.000200", At: at}},
		Last:   desk.Words{By: "李华", Text: "生产数据库主机出现勒索提示，文件被加密", At: at},
		Boards: map[desk.Room]desk.Shown{
			desk.Front: {Ref: "C0FRONT/1795431447.000300", Hash: "Zm9vYmFyYmF6cXV4"},
			desk.Back:  {Ref: "C0BACK/1795431447.000400", Hash: "Zm9vYmFyYmF6cXV4"},
		},
	}
}

func sampleDesk(customer string, at time.Time) desk.Desk {
	return desk.Desk{
		Schema: desk.Schema, Customer: customer, At: at, TermsRev: "3f9a2c1b", Edition: "enterprise",
		NextCase: 1, Cases: []desk.Case{sampleCase(1, at)},
		Inspection: desk.InspectionState{Next: at.Add(20 * time.Hour), Last: at.Add(-4 * time.Hour), Seen: map[string]string{"https://www.example.com": "ok"}},
		Onboarding: desk.OnboardingState{Since: "2026-11-01"},
	}
}

// sampleCommit is one more change of such a desk: a line or two on the timeline,
// the case and the head written, a letter.
func sampleCommit(customer string, version int, at, wake time.Time) bot.Commit {
	d := sampleDesk(customer, at)
	rung := 0
	r := desk.Record{
		Op: fmt.Sprintf("slack:C0FRONT:1795431446.%06d", version), At: at, Act: "said",
		Events: []desk.Event{
			{At: at, Kind: "opened", Case: 1, By: "李华", Text: "生产数据库主机出现勒索提示，文件被加密", Ref: "1795431446.000200"},
			{At: at, Kind: "ping", Case: 1, Who: []string{"张工", "陈经理"}, Rung: &rung},
		},
		Prev: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
	}
	d.Head = r.Prev
	body := desk.EncodeNotice(desk.Notice{
		Key: customer + "/1/ping/0.0/zhang", Kind: desk.NPing, Customer: customer, Case: 1, At: at, Room: desk.Back, Person: "zhang", Rung: &rung, Urgent: true, Lang: "zh-CN",
		Facts: &desk.Facts{Customer: "示例科技", Zone: "Asia/Shanghai", Now: at, N: 1, Kind: desk.Incident, Urgent: true, Title: d.Cases[0].Title, RespondBy: at.Add(15 * time.Minute), Clause: "§5 安全事件管理"},
	})
	return bot.Commit{
		Customer: customer, Version: version, Op: r.Op + "/1", Seen: r.Op, Desk: d, Touched: []int{1}, Record: r, Wake: wake,
		Letters: []bot.Letter{{Customer: customer, Lane: customer + "/back", ID: fmt.Sprintf("%s/1/ping/%d", customer, version), Urgent: true, Body: body}},
	}
}
