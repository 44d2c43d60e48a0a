package slackfake_test

import (
	"context"
	"testing"

	"github.com/slack-go/slack/socketmode"

	"butler/integrations/slack/slackfake"
)

// BenchmarkSay is one message from somebody's mouth to the acknowledgement of a
// client that does nothing else: what the fake itself costs.
func BenchmarkSay(b *testing.B) {
	s := slackfake.New(b)
	s.Customer(lihua, "李华", acme)
	s.Channel(front)
	sm := socketmode.New(client(s))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go sm.RunContext(ctx)
	go func() {
		for {
			select {
			case e := <-sm.Events:
				if e.Request != nil && e.Request.EnvelopeID != "" {
					sm.AckCtx(ctx, e.Request.EnvelopeID, nil)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	s.Connected(1)
	var said []*slackfake.Said
	for b.Loop() {
		said = append(said, s.Say(front, lihua, "数据库主机出现勒索提示"))
		if len(said)%100 == 0 {
			said[len(said)-100].Acked() // no more than a hundred on their way
		}
	}
	s.Settled()
}

// BenchmarkPost is one post of an app to a channel that fills.
func BenchmarkPost(b *testing.B) {
	s := slackfake.New(b, slackfake.WithoutEcho())
	s.Channel(front)
	api := client(s)
	for b.Loop() {
		if err := post(api, front, "已登记"); err != nil {
			b.Fatal(err)
		}
	}
}
