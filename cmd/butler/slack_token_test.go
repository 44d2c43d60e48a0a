package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"butler/integrations/slack/slackfake"
)

func TestRunEndsOnATokenThatSlackRefuses(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"auth.test", "apps.connections.open"} {
		s := slackWorkspace(t)
		s.Fail(method, slackfake.Refused("invalid_auth").Always())
		dir := t.TempDir()
		write(t, dir, "butler.yaml", slackHouse{slack: s, listen: "127.0.0.1:" + strconv.Itoa(freePort(t))}.yaml())
		r := call(t, dir, "run", "-c", "butler.yaml")
		r.wants(t, 1)
		silent(t, "stdout", r.stdout)
		says(t, "stderr", r.stderr, "slack: ", method, "invalid_auth", "put it in the config")
	}
}

// Each token in the place of the other: said before anything runs, and again by
// Slack. The tokens themselves are never shown.
func TestTokensInEachOthersPlace(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t)
	p := runSlack(t, t.TempDir(), slackHouse{slack: s, swapped: true})
	p.unready("Slack says so", "app_token", "not_allowed_token_type", "app_token begins with xapp-, bot_token with xoxb-")
	says(t, "stderr", p.stderr.String(), "app_token begins with xoxb-", "bot_token begins with xapp-")
	_, body := p.readyz()
	for _, secret := range []string{s.AppToken, s.BotToken} {
		if strings.Contains(p.stderr.String()+body, secret) {
			t.Errorf("it quotes a token:\n%s\n%s", p.stderr, body)
		}
	}
}

// unready waits until /readyz says all the words in one line about Slack.
func (p *onSlackProcess) unready(what string, words ...string) {
	p.t.Helper()
	p.served.unready("slack", what, words...)
}

// What an operator has to mend stands in /readyz in one line, with the token that
// it is about, and is gone when it is mended. Nothing is lost meanwhile.
func TestReadyzNamesATokenOfSlack(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t)

	// A token of the wrong kind, which looks like the right one.
	kind := s.Fail("apps.connections.open", slackfake.Refused("not_allowed_token_type").Always())
	p := runSlack(t, t.TempDir(), slackHouse{slack: s})
	p.unready("the token is of the wrong kind", "app_token", "not_allowed_token_type", "xapp-")
	kind.Lift()
	p.ready()
	s.Connected(1)

	// The tokens are revoked while it runs: what Slack tells it is heard all the
	// same, and answered when there are new ones.
	revoked := s.Fail("*", slackfake.Refused("token_revoked").Always())
	s.Say(front, lihua, report("revoked")).Acked()
	p.unready("the bot token is revoked", "bot_token", "token_revoked", "install the app again")
	s.DropSockets()
	p.unready("so is the other", "app_token", "apps.connections.open", "token_revoked")
	if code, _ := fetch("http://" + p.listen + "/healthz"); code != http.StatusOK {
		t.Errorf("/healthz is %d: the process lives", code)
	}
	revoked.Lift()
	s.Connected(1)
	s.Expect(front, "#1", "revoked")
	s.Expect(back, "<@"+zhang+">", "#1")
	p.ready()
	toldOnce(t, s)
	p.well(s)
}

// So does a scope that the app lacks.
func TestReadyzNamesAMissingScopeOfSlack(t *testing.T) {
	t.Parallel()
	s := slackWorkspace(t)
	p := beginSlack(t, t.TempDir(), slackHouse{slack: s})
	scope := s.Fail("chat.postMessage", slackfake.MissingScope("chat:write").Always())
	s.Say(front, lihua, report("scope")).Acked()
	p.unready("a scope is missing", "chat.postMessage", "missing_scope", "the app needs chat:write", "install the app again")
	scope.Lift()
	s.Expect(front, "#1", "scope")
	s.Expect(back, "<@"+zhang+">", "#1")
	p.ready()
	toldOnce(t, s)
	p.well(s)
}
