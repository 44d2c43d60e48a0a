package dingtalk

import (
	"context"
	"sync"

	"butler/bot/chat"
)

// whisper tells one person a line that is theirs alone: an answer to a click, or
// why a message was not taken. DingTalk has no message that only one reader of a
// group sees: it goes to a one-to-one chat, and for people without a userid to the
// room with an @, for it says nothing internal to them.
func (p *Platform) whisper(ctx context.Context, room chat.Room, userID, text string) error {
	if !outside(userID) {
		if err := p.afford(ctx, false); err != nil {
			return err
		}
		_, err := p.toOne(ctx, userID, "sampleText", contentOf(text))
		return err
	}
	url, ok := p.session(room)
	if !ok || !p.hooks.may(p.now()) {
		return notEver(codeNobody, cause{"DingTalk gives this person no userid, and the room has no session webhook now", "钉钉没有给出对方的 userid，群里现在也没有可用的会话 webhook"})
	}
	body := map[string]any{"msgtype": "text", "text": map[string]string{"content": text}}
	if id, kind := p.calling(userID); kind != "" {
		body["at"] = map[string]any{kind: []string{id}, "isAtAll": false}
	}
	done, err := p.hook(ctx, room, url, body)
	if !done {
		return notEver(codeNobody, cause{"the session webhook of the room is over", "群的会话 webhook 已失效"})
	}
	return err
}

// contentOf is a message of sampleText as msgParam.
func contentOf(text string) string {
	for n := len(text); ; n = n * 9 / 10 {
		raw, _ := encode(map[string]string{"content": cutBytes(text, n)}) // a string always encodes
		if len(raw) <= maxParam {
			return string(raw)
		}
	}
}

// keyOf is the key of the notice that a message of ours told, while it is
// remembered: by its reference, its processQueryKey or its outTrackId.
func (p *Platform) keyOf(ref string) (noticeKey string, ok bool) { return p.told.get(ref) }

// toldMost is how many of the newest messages are remembered with their keys:
// about a day of a busy service, in less than a megabyte.
const toldMost = 4096

// told remembers the newest messages: which notice each told. The zero value is
// ready. It is safe for concurrent use.
type told struct {
	mu    sync.Mutex
	keys  map[string]string // reference → key
	order []string          // a ring of references
	next  int
}

// put remembers that ref told key; the oldest reference makes room.
func (t *told) put(ref, key string) {
	if ref == "" || key == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keys == nil {
		t.keys = map[string]string{}
	}
	if _, known := t.keys[ref]; known {
		t.keys[ref] = key
		return
	}
	if len(t.order) < toldMost {
		t.order = append(t.order, ref)
	} else {
		delete(t.keys, t.order[t.next])
		t.order[t.next] = ref
		t.next = (t.next + 1) % toldMost
	}
	t.keys[ref] = key
}

func (t *told) get(ref string) (key string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key, ok = t.keys[ref]
	return key, ok
}
