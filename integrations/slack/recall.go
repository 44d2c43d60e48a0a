package slack

import (
	"context"

	"butler/bot"
	"butler/bot/chat"
)

var _ bot.Recaller = (*Platform)(nil)

// Recall takes a message of ours back. One that is gone already is as good as
// taken back. Never: it is not ours to delete.
func (p *Platform) Recall(ctx context.Context, room chat.Room, ref string) error {
	channel, err := p.channel(ctx, room)
	if err != nil {
		return err
	}
	_, _, err = p.api.DeleteMessageContext(ctx, channel, ref)
	if code(err) == "message_not_found" {
		return nil
	}
	return p.verdict("chat.delete", room, err)
}
