package dingtalk

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
)

var _ bot.Recaller = (*Platform)(nil)

// Paths of the OpenAPI by which messages are taken back. DingTalk spells the second
// otherwise than the call that sends.
const (
	groupRecallPath = "/v1.0/robot/groupMessages/recall"
	otoRecallPath   = "/v1.0/robot/otoMessages/batchRecall"
)

// Recall takes a message back, within 24 hours. A card of this process is taken
// back as its message; one of an earlier process is emptied, for DingTalk knows no
// other way. Never: it is too late, or nothing is known of the message; what went
// by a session webhook has no reference and stays.
func (p *Platform) Recall(ctx context.Context, room chat.Room, ref string) error {
	if ref == "" {
		return notEver(codeNobody, cause{"this message cannot be taken back: it went by a session webhook", "这条消息是通过会话 webhook 发出的，钉钉不支持撤回"})
	}
	if !strings.HasPrefix(ref, trackPrefix) {
		return p.recall(ctx, room, ref)
	}
	if carrier, ok := p.past.get("carrier/" + ref); ok {
		if err := p.recall(ctx, room, carrier); err == nil {
			return nil
		}
	}
	return p.update(ctx, ref, blank())
}

// recall takes back by processQueryKey. A message for one person that was asked for
// in a group stands in a one-to-one chat.
func (p *Platform) recall(ctx context.Context, room chat.Room, key string) error {
	paths := []string{groupRecallPath, otoRecallPath}
	if room.Direct {
		paths = paths[1:]
	}
	var last error
	for _, path := range paths {
		body := map[string]any{"robotCode": p.o.RobotCode, "processQueryKeys": []string{key}}
		if path == groupRecallPath {
			body["openConversationId"] = room.ID
		}
		var out struct {
			Done   []string          `json:"successResult"`
			Failed map[string]string `json:"failedResult"`
		}
		if last = p.call(ctx, http.MethodPost, path, body, &out); last != nil {
			if !hopeless(last) {
				return last
			}
			continue
		}
		why, failed := out.Failed[key]
		if !failed || strings.Contains(why, "already recalled") {
			return nil
		}
		last = notEver("recall", cause{fmt.Sprintf("%s: the message cannot be taken back: %s", path, p.plain(why)), fmt.Sprintf("钉钉没有撤回这条消息（%s: %s）", path, p.plain(why))})
	}
	return last
}

// blank is a card without anything but that it was taken back.
func blank() map[string]string {
	m := params(card.Card{}, form{})
	m["title"] = "此消息已撤回 / Taken back"
	return m
}
