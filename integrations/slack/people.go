package slack

import (
	"context"

	"butler/bot/chat"
)

// complete adds to a message what Slack did not send with it. False: it concerns
// nobody.
func (p *Platform) complete(_ context.Context, _ *chat.Message) bool { return true }
