package dingfake

import (
	"encoding/json"
	"net/http"
	"strings"

	"butler/integrations/fakery"
)

// Fault is a way in which a call fails, once unless said otherwise.
type Fault = fakery.Fault

// shortfall is what a batch, a card or a DING leaves out.
type shortfall struct {
	invalid, flow, filtered []string // of a batch
	undelivered             string   // why a card reaches nobody
	dingReason              string   // why a DING does not reach dingUsers
	dingUsers               []string
}

// Planted is a fault that waits for its calls.
type Planted = fakery.Planted

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
	return fakery.Says(status, string(body))
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
	return fakery.Says(http.StatusForbidden, string(body))
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
	return fakery.Says(http.StatusOK, string(body))
}

// TextErrcode is Errcode with the code as a string.
func TextErrcode(code, message string) Fault {
	body, _ := json.Marshal(map[string]any{"errcode": code, "errmsg": message})
	return fakery.Says(http.StatusOK, string(body))
}

// Unsuccessful answers 200 with success:false, as cards do.
func Unsuccessful() Fault { return fakery.Says(http.StatusOK, `{"success":false,"result":false}`) }

// Empty answers 200 and nothing at all.
func Empty() Fault { return fakery.Says(http.StatusOK, "") }

// Banned answers with the page of HTML that whoever calls from one address more
// than 10 000 times in 20 s gets for five minutes, with status 200; As changes it.
func Banned() Fault {
	return fakery.Answers(http.StatusOK, "text/html; charset=utf-8", "<!DOCTYPE html><html><body><script>var deny = {\"status\":1111,\"wait\":5,\"source\":\"x5\",\"punish\":\"deny\",\"uuid\":\"fake\"}</script></body></html>")
}

// GatewayTimeout answers 504, as after 3 s upstream.
func GatewayTimeout() Fault { return Status(http.StatusGatewayTimeout) }

// Status answers with a status of HTTP and a page of HTML.
func Status(code int) Fault {
	return fakery.Answers(code, "text/html", "<html><head><title>"+http.StatusText(code)+"</title></head></html>")
}

// Invalid lets a batch succeed, but not for people whose userid is not valid.
func Invalid(users ...string) Fault { return fakery.Partly(shortfall{invalid: users}) }

// FlowControlled lets a batch succeed, but not for people who got too much.
func FlowControlled(users ...string) Fault { return fakery.Partly(shortfall{flow: users}) }

// Filtered lets a batch succeed, but not for people who do not want it.
func Filtered(users ...string) Fault { return fakery.Partly(shortfall{filtered: users}) }

// Undelivered makes a card and delivers it nowhere: 200, success:true, and
// success:false in every one of deliverResults.
func Undelivered(why string) Fault { return fakery.Partly(shortfall{undelivered: why}) }

// DingFails lets a DING succeed, but not for some.
func DingFails(reason string, users ...string) Fault {
	return fakery.Partly(shortfall{dingReason: reason, dingUsers: users})
}

// Hangs does not answer until Release, and then as if nothing had been.
func Hangs() Fault { return fakery.Hangs() }

// HangsAfter does the work and does not answer until Release: the sender cannot
// know that it was done.
func HangsAfter() Fault { return fakery.HangsAfter() }

// DropsBefore ends the connection before anything was done.
func DropsBefore() Fault { return fakery.DropsBefore() }

// DropsAfter does the work and ends the connection without an answer: the
// ambiguous send.
func DropsAfter() Fault { return fakery.DropsAfter() }

// Fail plants a fault: calls of a path, of "/robot/sendBySession" for session
// webhooks, or of every path for "*", fail as it says. The fault that was planted
// last comes first.
func (s *Server) Fail(path string, f Fault) *Planted { return s.faults.Plant(path, f) }

// Release lets every call go on that hangs now.
func (s *Server) Release() { s.faults.Release() }
