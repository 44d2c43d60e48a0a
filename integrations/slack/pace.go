package slack

import (
	"context"
	"time"

	"butler/bot"
	"butler/bot/chat"
)

// UsualPace keeps one process below the limit of chat.postMessage in a whole
// workspace. Slack publishes no number, only "several hundred messages per minute"
// (docs.slack.dev/apis/web-api/rate-limits) and that short bursts are taken: 240 a
// minute and 30 at once, of which 10 are for urgent cases. Two processes stay below
// 500 a minute together.
func UsualPace() *bot.Pace { return &bot.Pace{PerSecond: 4, Burst: 30, Reserve: 10} }

// turn waits until a sending may go.
func (p *Platform) turn(ctx context.Context, s bot.Sending) error {
	if !p.o.Pace.Turn(ctx, s.Urgent, time.Now, time.After) {
		return &chat.Later{After: time.Second, Why: "others of this workspace come first: Slack takes several hundred messages a minute"}
	}
	return nil
}
