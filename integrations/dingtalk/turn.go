package dingtalk

import (
	"context"
	"time"

	"butler/bot"
)

// UsualPace keeps one process below the 20 calls a second that the standard edition
// allows an app at one API (open.dingtalk.com, 2026-05-09): at most 19 in any
// second. Of what may go at once the last three are for urgent cases. When several
// processes together are refused, each goes slower (errors.go).
func UsualPace() *bot.Pace { return &bot.Pace{PerSecond: 14, Burst: 5, Reserve: 3} }

// turn waits until a sending may go.
func (p *Platform) turn(ctx context.Context, s bot.Sending) error {
	if !p.o.Pace.Turn(ctx, s.Urgent, time.Now, time.After) {
		return notNow(codeResting, qpsWait, "others of this app come first: DingTalk takes 20 calls a second")
	}
	return nil
}
