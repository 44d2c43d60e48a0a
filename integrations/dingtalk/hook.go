package dingtalk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/chat"
)

// A session webhook takes 20 messages a minute of one robot, and then none for ten
// minutes. We stay below, for others may count differently.
const (
	hookPace   = 18
	hookWindow = time.Minute
)

// toHook sends by the session webhook of a room, the only way in which a robot's
// message can call people without a card. done is false when there is none that
// can be used now, and another way has to be found.
func (p *Platform) toHook(ctx context.Context, s bot.Sending, f form) (done bool, err error) {
	url, ok := p.session(s.Room)
	if !ok || !p.hooks.may(p.now()) {
		return false, nil
	}
	call, kind := p.calling(f.at)
	if f.at = call; kind == "" {
		f.at = ""
	}
	f.picture = p.picture(s.Card.Chart)
	title, text := markdown(s.Card, f)
	body := map[string]any{"msgtype": "markdown", "markdown": map[string]string{"title": title, "text": text}}
	if f.at != "" {
		body["at"] = map[string]any{kind: []string{f.at}, "isAtAll": false}
	}
	return p.hook(ctx, s.Room, url, body)
}

// calling is how a webhook calls somebody: by userid, or by the cipher of people
// without one, as far as it is known.
func (p *Platform) calling(user string) (id, kind string) {
	if !outside(user) {
		return user, "atUserIds"
	}
	if cipher, ok := p.ciphers.get(user); ok {
		return cipher, "atDingtalkIds"
	}
	return "", ""
}

// hook posts to a session webhook, whose address is a secret. done is false when
// DingTalk does not take it there: the session is over, or the robot was too fast.
func (p *Platform) hook(ctx context.Context, room chat.Room, url string, body map[string]any) (done bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	a, err := p.post(ctx, http.MethodPost, url, "", body, nil)
	err = p.hookVerdict(room, url, a, err)
	var f *failure
	if errors.As(err, &f) && (slices.Contains(muted, f.code) || slices.Contains(sessGone, f.code)) {
		return false, nil
	}
	return true, err
}

// hookVerdict is verdict for a webhook: what it refuses is no trouble of the
// OpenAPI.
func (p *Platform) hookVerdict(room chat.Room, url string, a answer, err error) error {
	said := hookPath + ": " + p.plain(a.code+" "+a.message)
	switch {
	case err != nil:
		return &failure{code: codeTransport, maybe: true, as: &chat.Later{Why: hookPath + ": " + p.plain(strings.ReplaceAll(err.Error(), url, "…"))}}
	case slices.Contains(muted, a.code):
		p.hooks.block(p.now().Add(hookBlock))
		return notNow(a.code, hookBlock, said)
	case slices.Contains(sessGone, a.code):
		p.sessionEnded(room, url)
		return notNow(a.code, 0, said)
	case lost[a.code] != "":
		p.sessionEnded(room, url)
		return notEver(a.code, said+": "+lost[a.code])
	case a.page || a.empty || a.status/100 != 2:
		return &failure{code: codeUnread, maybe: true, as: &chat.Later{Why: said + ": no answer of a webhook"}}
	case a.code != "":
		return notNow(a.code, 0, said)
	}
	return nil
}

// pacer keeps the robot below the limit of its webhooks. The zero value is ready.
type pacer struct {
	mu      sync.Mutex
	sent    []time.Time
	blocked time.Time
}

// may reports whether one more message may go now, and counts it.
func (h *pacer) may(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Before(h.blocked) {
		return false
	}
	h.sent = slices.DeleteFunc(h.sent, func(t time.Time) bool { return now.Sub(t) >= hookWindow })
	if len(h.sent) >= hookPace {
		return false
	}
	h.sent = append(h.sent, now)
	return true
}

func (h *pacer) block(until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.blocked = until
}
