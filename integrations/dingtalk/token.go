package dingtalk

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// tokenEarly is how long before its end an access token is replaced. DingTalk
// gives each two hours, and the old one stays good until its end.
const tokenEarly = 5 * time.Minute

const tokenPath = "/v1.0/oauth2/accessToken"

// tokens holds the access token. The zero value is ready.
type tokens struct {
	mu    sync.Mutex
	token string
	fresh time.Time // until when it is used without asking for another
	until time.Time // until when DingTalk takes it

	turn chan struct{} // one fetch at a time; made by the first
}

// get is the token of now; fresh says that no other is needed yet.
func (t *tokens) get(now time.Time) (token string, fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.turn == nil {
		t.turn = make(chan struct{}, 1)
	}
	if !now.Before(t.until) {
		return "", false
	}
	return t.token, now.Before(t.fresh)
}

func (t *tokens) put(token string, life time.Duration, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	early := min(tokenEarly, life/2)
	t.token, t.until, t.fresh = token, now.Add(life), now.Add(life-early)
}

// drop forgets a token that DingTalk does not take; a newer one stays.
func (t *tokens) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token, t.until, t.fresh = "", time.Time{}, time.Time{}
	}
}

// token is an access token that is good for some minutes. Many callers cause one
// fetch; while one that is still good is being replaced, nobody waits for it.
func (p *Platform) token(ctx context.Context) (string, error) {
	token, fresh := p.tokens.get(p.now())
	if fresh {
		return token, nil
	}
	if token != "" {
		select {
		case p.tokens.turn <- struct{}{}:
		default:
			return token, nil // somebody fetches the next one
		}
	} else {
		select {
		case p.tokens.turn <- struct{}{}:
		case <-ctx.Done():
			return "", notNow(codeTransport, 0, "waiting for an access token: "+ctx.Err().Error())
		}
	}
	defer func() { <-p.tokens.turn }()
	if other, fresh := p.tokens.get(p.now()); fresh {
		return other, nil
	}
	next, err := p.fetchToken(ctx)
	if err != nil && token != "" {
		p.log.Warn("dingtalk: the access token could not be renewed yet; the old one is still good", "error", err)
		return token, nil
	}
	return next, err
}

// fetchToken asks for an access token.
func (p *Platform) fetchToken(ctx context.Context) (string, error) {
	var out struct {
		AccessToken string `json:"accessToken"`
		ExpireIn    int64  `json:"expireIn"` // seconds
	}
	err := p.do(ctx, request{method: http.MethodPost, path: tokenPath, open: true, out: &out,
		in: map[string]string{"appKey": p.o.ClientID, "appSecret": p.o.ClientSecret}})
	if err != nil {
		return "", err
	}
	if out.AccessToken == "" {
		return "", notNow(codeUnread, 0, "an access token was asked for, and the answer holds none")
	}
	p.tokens.put(out.AccessToken, time.Duration(max(out.ExpireIn, 60))*time.Second, p.now())
	return out.AccessToken, nil
}

// current is the token that is held; "" for none.
func (t *tokens) current() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token
}
