package main

import (
	"net/http"
	"strings"
	"testing"

	"butler/integrations/dingtalk/dingfake"
)

const (
	dingCards  = "/v1.0/card/instances/createAndDeliver"
	dingGroups = "/v1.0/robot/groupMessages/send"
)

// A secret that DingTalk does not take ends the program with one clear line, which
// does not hold the secret.
func TestRunEndsOnASecretThatDingTalkRefuses(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	p := runDingTalk(t, t.TempDir(), dingHouse{dingtalk: s, secret: "not-the-secret"})
	if code := p.end(callLimit); code != 1 {
		t.Errorf("exit %d", code)
	}
	silent(t, "stdout", p.stdout.String())
	says(t, "stderr", p.stderr.String(), "dingtalk: ", "client_id and client_secret are not accepted", "authFailed")
	if strings.Contains(p.stderr.String(), "not-the-secret") {
		t.Errorf("it quotes the secret:\n%s", p.stderr)
	}
	n := 0
	for _, line := range lines(p.stderr.String()) {
		if strings.Contains(line, "authFailed") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("it says so in %d lines:\n%s", n, p.stderr)
	}
}

// What an operator has to mend stands in /readyz in one line, and is gone when it is
// mended; nothing is lost meanwhile.
func TestReadyzNamesWhatDingTalkWants(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path  string
		fault dingfake.Fault
		says  []string
		plain bool
	}{
		"permission to send":  {dingGroups, dingfake.PermissionDenied("qyapi_robot_sendmsg"), []string{"qyapi_robot_sendmsg", "权限管理"}, true},
		"permission of cards": {dingCards, dingfake.PermissionDenied("Card.Instance.Write"), []string{"Card.Instance.Write"}, false},
		"the ban":             {dingGroups, dingfake.Banned(), []string{"a page of HTML", "five minutes"}, true},
		"the template":        {dingCards, dingfake.Refused(400, "param.templateUnpublished", "模板未发布"), []string{"card template", "publish"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := organisation(t)
			p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s, plain: c.plain})
			fault := s.Fail(c.path, c.fault.Always())
			s.Say(dingFront, dingLihua, dingReport("wanting")).Acked()
			p.unready(name, c.says...)
			if code, _ := fetch("http://" + p.listen + "/healthz"); code != http.StatusOK {
				t.Errorf("/healthz is %d: the process lives", code)
			}
			if !c.plain { // markdown goes in the place of cards
				s.Expect(dingFront, "#1", "wanting")
				s.Expect(dingBack, "请接手", "#1")
			}
			fault.Lift()
			if name == "the ban" {
				return // it is over after a minute
			}
			s.Expect(dingFront, "#1", "wanting")
			s.Expect(dingBack, "请接手", "#1")
			if n := len(dingBoards(s, dingFront, "", "wanting")); n != 1 {
				t.Errorf("one report stands %d times in the front", n)
			}
			p.well(s)
		})
	}
}

// A gateway timeout, an answer that never comes, a token that is over, too many
// calls: nothing is lost, and nothing is said twice.
func TestTroubleOnDingTalkPasses(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s})
	for i, f := range []dingfake.Fault{dingfake.GatewayTimeout(), dingfake.DropsAfter(), dingfake.DropsBefore(), dingfake.TokenExpired(), dingfake.QPS().Times(3), dingfake.PlatformQPS(), dingfake.Empty(), dingfake.Status(502)} {
		s.Fail(dingCards, f)
		mark := "trouble-" + string(rune('a'+i))
		s.Say(dingFront, dingLihua, dingReport(mark)).Acked()
		s.Expect(dingFront, mark)
		s.ExpectAt(dingBack, dingZhang, "请接手", mark)
		if n := called(s, dingBack, dingZhang, mark); n != 1 {
			t.Errorf("%s: the expert is asked %d times", mark, n)
		}
		if n := len(dingBoards(s, dingFront, "紧急安全事件", mark)); n != 1 {
			t.Errorf("%s: it stands %d times", mark, n)
		}
	}
	s.RevokeToken()
	s.Skip(3 * 60 * 60 * 1e9) // and every webhook is over
	s.Say(dingFront, dingLihua, dingReport("later")).Acked()
	s.ExpectAt(dingBack, dingZhang, "请接手", "later")
	p.ready()
	p.well(s, "勒索")
}
