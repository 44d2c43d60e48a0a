package dingfake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// kind is a way to fail.
type kind int

const (
	answer     kind = iota // another answer instead of the work
	partly                 // the work, but not for everybody
	hang                   // no answer until released
	dropBefore             // the connection ends, nothing was done
	dropAfter              // the connection ends, it was done
	hangAfter              // done, and no answer until released
)

// Fault is a way in which a call fails, once unless said otherwise.
type Fault struct {
	kind   kind
	status int
	mime   string
	body   string
	about  string
	times  int // 0: always
	skip   int

	released chan struct{} // of the moment it hit: a Release after that is not missed

	invalid, flow, filtered []string // of a batch
	undelivered             string   // why a card reaches nobody
	dingReason              string   // why a DING does not reach dingUsers
	dingUsers               []string
}

const (
	throttled = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
	crowded   = "Forbidden.AccessDenied.QpsLimitForApi"
	usedUp    = "Forbidden.AccessDenied.ApiCountLimitForOrg"
	denied    = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
	badToken  = "InvalidAuthentication"
)

// Refused answers with a status of HTTP and a code of the API.
func Refused(status int, code, message string) Fault {
	body, _ := json.Marshal(map[string]any{"code": code, "requestid": "FAKE-REQUEST", "message": message})
	return says(status, string(body))
}

// QPS throttles a call: 403 and a code, not 429.
func QPS() Fault {
	return Refused(http.StatusForbidden, throttled, "当前应用调用该接口过于频繁")
}

// PlatformQPS throttles a call because everybody calls, as at the full hour.
func PlatformQPS() Fault {
	return Refused(http.StatusForbidden, crowded, "当前接口调用过于频繁")
}

// OverQuota answers that the calls of the month are used up.
func OverQuota() Fault {
	return Refused(http.StatusForbidden, usedUp, "本月接口调用次数已达上限")
}

// OldOverQuota says the same in the words of the old API: 90020 inside a 200.
func OldOverQuota() Fault { return Errcode(90020, "当前组织的接口调用量已用完") }

// TokenExpired answers that the access token is not valid.
func TokenExpired() Fault {
	return Refused(http.StatusBadRequest, badToken, "不合法的access_token")
}

// PermissionDenied answers that the app lacks permissions, and names them.
func PermissionDenied(scopes ...string) Fault {
	body, _ := json.Marshal(deniedBody(scopes))
	return says(http.StatusForbidden, string(body))
}

func deniedBody(scopes []string) map[string]any {
	return map[string]any{"code": denied, "requestid": "FAKE-REQUEST", "message": "应用尚未开通所需的权限：" + strings.Join(scopes, ","),
		"accessdenieddetail": map[string]any{"requiredScopes": scopes}}
}

// Errcode answers 200 with an error inside, as webhooks and the old API do:
// 410100 for the block after 20 a minute, 300001 for a session that is gone,
// 310000, 90018, 90002, 88, -1, …
func Errcode(code int, message string) Fault {
	body, _ := json.Marshal(map[string]any{"errcode": code, "errmsg": message})
	return says(http.StatusOK, string(body))
}

// TextErrcode is Errcode with the code as a string.
func TextErrcode(code, message string) Fault {
	body, _ := json.Marshal(map[string]any{"errcode": code, "errmsg": message})
	return says(http.StatusOK, string(body))
}

// Unsuccessful answers 200 with success:false, as cards do.
func Unsuccessful() Fault { return says(http.StatusOK, `{"success":false,"result":false}`) }

// Empty answers 200 and nothing at all.
func Empty() Fault { return says(http.StatusOK, "") }

// Banned answers with the page of HTML that whoever calls from one address more
// than 10 000 times in 20 s gets for five minutes, with status 200; As changes it.
func Banned() Fault {
	f := says(http.StatusOK, "<!DOCTYPE html><html><body><script>var deny = {\"status\":1111,\"wait\":5,\"source\":\"x5\",\"punish\":\"deny\",\"uuid\":\"fake\"}</script></body></html>")
	f.mime = "text/html; charset=utf-8"
	return f
}

// GatewayTimeout answers 504, as after 3 s upstream.
func GatewayTimeout() Fault { return Status(http.StatusGatewayTimeout) }

// Status answers with a status of HTTP and a page of HTML.
func Status(code int) Fault {
	f := says(code, "<html><head><title>"+http.StatusText(code)+"</title></head></html>")
	f.mime = "text/html"
	return f
}

// Invalid lets a batch succeed, but not for people whose userid is not valid.
func Invalid(users ...string) Fault { return Fault{kind: partly, invalid: users, times: 1} }

// FlowControlled lets a batch succeed, but not for people who got too much.
func FlowControlled(users ...string) Fault { return Fault{kind: partly, flow: users, times: 1} }

// Filtered lets a batch succeed, but not for people who do not want it.
func Filtered(users ...string) Fault { return Fault{kind: partly, filtered: users, times: 1} }

// Undelivered makes a card and delivers it nowhere: 200, success:true, and
// success:false in every one of deliverResults.
func Undelivered(why string) Fault { return Fault{kind: partly, undelivered: why, times: 1} }

// DingFails lets a DING succeed, but not for some.
func DingFails(reason string, users ...string) Fault {
	return Fault{kind: partly, dingReason: reason, dingUsers: users, times: 1}
}

// Hangs does not answer until Release, and then as if nothing had been.
func Hangs() Fault { return Fault{kind: hang, times: 1} }

// HangsAfter does the work and does not answer until Release: the sender cannot
// know that it was done.
func HangsAfter() Fault { return Fault{kind: hangAfter, times: 1} }

// DropsBefore ends the connection before anything was done.
func DropsBefore() Fault { return Fault{kind: dropBefore, times: 1} }

// DropsAfter does the work and ends the connection without an answer: the
// ambiguous send.
func DropsAfter() Fault { return Fault{kind: dropAfter, times: 1} }

func says(status int, body string) Fault {
	return Fault{kind: answer, status: status, mime: "application/json; charset=utf-8", body: body, times: 1}
}

// As changes the status of HTTP of an answer.
func (f Fault) As(status int) Fault { f.status = status; return f }

// In limits the fault to calls about a group, a person or a card.
func (f Fault) In(about string) Fault { f.about = about; return f }

// Times sets how many calls fail.
func (f Fault) Times(n int) Fault { f.times = n; return f }

// Always fails until Lift.
func (f Fault) Always() Fault { f.times = 0; return f }

// After lets n calls pass first.
func (f Fault) After(n int) Fault { f.skip = n; return f }

// after says whether the work is done before the fault shows.
func (k kind) after() bool { return k == dropAfter || k == hangAfter }

// Planted is a fault that waits for its calls.
type Planted struct {
	s      *Server
	path   string
	fault  Fault
	hits   int
	passed int
	lifted bool
}

// Fail plants a fault: calls of a path, of "/robot/sendBySession" for session
// webhooks, or of every path for "*", fail as it says. The fault that was planted
// last comes first.
func (s *Server) Fail(path string, f Fault) *Planted {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &Planted{s: s, path: path, fault: f}
	s.faults = append(s.faults, p)
	return p
}

// Lift takes the fault away. Calls that hang still wait for Release.
func (p *Planted) Lift() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.lifted = true
}

// Hits says how many calls failed by it.
func (p *Planted) Hits() int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.hits
}

// Hit waits until at least n calls failed by it.
func (p *Planted) Hit(n int) {
	p.s.t.Helper()
	if !p.s.until(func() bool { return p.hits >= n }) {
		p.s.t.Fatalf("dingfake: %s failed %d times within %s, the test waits for %d", p.path, p.Hits(), p.s.patience, n)
	}
}

// Release lets every call go on that hangs now.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.released)
	s.released = make(chan struct{})
}

// fault finds what happens to a call. The lock is held.
func (s *Server) fault(path string, about []string) *Fault {
	for _, p := range slices.Backward(s.faults) {
		if p.lifted || p.path != path && p.path != "*" || p.fault.about != "" && !slices.Contains(about, p.fault.about) {
			continue
		}
		if p.passed < p.fault.skip {
			p.passed++
			continue
		}
		if p.fault.times > 0 && p.hits >= p.fault.times {
			continue
		}
		p.hits++
		s.bump()
		hit := p.fault
		hit.released = s.released
		return &hit
	}
	return nil
}
