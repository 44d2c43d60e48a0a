package dingtalk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"butler/bot/chat"
)

// Pauses that are ours to choose; DingTalk says none of them.
const (
	qpsWait    = time.Second      // after an API was called too often: the limit is by the second
	crowdWait  = 3 * time.Second  // after everybody called it too often, as at the full hour
	banWait    = time.Minute      // after a page of HTML: a ban lasts five minutes, a proxy's page until somebody signs in
	mendWait   = 15 * time.Second // before a call is repeated that an operator has to mend
	quotaWait  = 10 * time.Minute // before DingTalk is asked again whether the month's calls are used up
	savingWait = 5 * time.Second  // before we ask ourselves again whether a call can be spared: the lane of an urgent letter rests meanwhile
	flowWait   = 30 * time.Second // after somebody got too many messages
	hookBlock  = 10 * time.Minute // of silence for a robot that wrote more than 20 a minute to its webhooks
	maxMessage = 200              // characters of DingTalk's own words in an error
)

// Codes of ours, for what DingTalk has no code for.
const (
	codeTransport    = "transport"
	codePage         = "html-page"
	codeEmpty        = "empty-answer"
	codeUnread       = "unreadable-answer"
	codeUnsuccessful = "success-false"
	codeResting      = "resting"
	codeSaving       = "saving"
	codeNobody       = "nobody"
)

// failure is an error that still knows DingTalk's code for it.
type failure struct {
	code  string
	maybe bool  // it may have been done all the same: no answer came, or none that says
	as    error // *chat.Later or *chat.Never
}

func (f *failure) Error() string { return f.as.Error() }
func (f *failure) Unwrap() error { return f.as }

func notNow(code string, after time.Duration, why string) *failure {
	return &failure{code: code, as: &chat.Later{After: after, Why: why}}
}

func notEver(code, why string) *failure {
	return &failure{code: code, as: &chat.Never{Why: why}}
}

// merging lets go on what comes after a board's change that calls are saved on.
func merging(err error) error {
	var l *chat.Later
	if codeOf(err) == codeSaving && errors.As(err, &l) {
		l.Merge = true
	}
	return err
}

// codeOf is DingTalk's code of an error; "" when there is none.
func codeOf(err error) string {
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	return ""
}

// perhaps reports whether what failed may have been done.
func perhaps(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.maybe
}

// hopeless reports whether no repetition mends an error.
func hopeless(err error) bool {
	var n *chat.Never
	return errors.As(err, &n)
}

// The families of codes that are known, old API and webhooks included. Source:
// open.dingtalk.com, the pages of the APIs and the table of general error codes.
var (
	badTokens = []string{"InvalidAuthentication", "AuthenticationFailed.MissingParameter", "40014", "42001", "88", "isv.invalid-token"}
	badSecret = []string{"invalidClientIdOrSecret", "40089", "authFailed", "appKeyNotExist", "Forbidden.AccessDenied.IpNotInWhiteList"}
	tooOften  = []string{"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "90018", "90002", "toomuch.msg", "Throttling"}
	crowds    = []string{"Forbidden.AccessDenied.QpsLimitForApi"}
	usedUp    = []string{"Forbidden.AccessDenied.ApiCountLimitForOrg", "90020"}
	denials   = []string{"Forbidden.AccessDenied.AccessTokenPermissionDenied", "60011", "no.permission"}
	muted     = []string{"410100", "130101"}
	sessGone  = []string{"300001", "400101", "300005"}
	badCards  = []string{"param.templateUnpublished", "param.templateNotExist", "param.cardTemplateIdEmpty", "param.templateNotMatch"}
)

// lost are the answers that no repetition mends, with what a person should do
// about them.
var lost = map[string]string{
	"group.disbanded":                        "the group was disbanded",
	"invalid.openConversationId":             "DingTalk knows no such group, or it belongs to another organisation",
	"miss.openConversationId":                "the room has no id",
	"invalidParameter.robotCode.notExsit":    "the robot is not in the group; add it there", // spelled so by DingTalk
	"invalidParameter.robotCode.notExist":    "the robot is not in the group; add it there",
	"invalidParameter.robotCode.auth":        "the robot code is not this app's; put the right robot_code in the config",
	"invalidParameter.robotCode.empty":       "the robot code is empty; put robot_code in the config",
	"invalidParameter.msgParam.tooLong":      "the message is too long",
	"invalidParameter.userIds.empty":         "nobody to tell",
	"invalid.processQueryKey":                "the message is gone, or older than 24 hours",
	"invalidParameter.processQueryKey.empty": "the message is not known",
	"param.cardNotExist":                     "the card is gone",
	"310000":                                 "the robot was taken out of the group, or its security settings refuse the message",
	"60121":                                  "DingTalk knows no such person, or the app may not see them",
	"template.not.existed":                   "DingTalk knows no such group template; put the right group_template in the config",
	"permession.checkFailed":                 "the owner of the group is outside of what the app may see", // spelled so by DingTalk
	"ding.serverquota.insufficient":          "the DINGs that were bought are used up",
	"ding.receivercount.limit":               "too many people for one DING",
}

// tokenRefused reports whether the access token was not taken.
func (a answer) tokenRefused() bool { return a.code != "" && slices.Contains(badTokens, a.code) }

// overQuota reports whether the month's calls of the organisation are used up.
func (a answer) overQuota() bool { return slices.Contains(usedUp, a.code) }

// verdict turns what came back into what the port promises: nil, Later, Never. It
// also remembers for Ready what an operator has to mend, until it works.
func (p *Platform) verdict(r request, a answer, err error) error {
	if err != nil {
		return &failure{code: codeTransport, maybe: true, as: &chat.Later{Why: r.path + ": " + p.plain(err.Error())}}
	}
	f := p.judge(r, a)
	if f == nil {
		p.health.works(r.path)
		p.health.works(codePage)
		if !r.open {
			p.health.works("credentials")
			p.ledger.open()
		}
		return nil
	}
	return f
}

// judge is the verdict on an answer; nil is success.
func (p *Platform) judge(r request, a answer) *failure {
	is := func(codes []string) bool { return a.code != "" && slices.Contains(codes, a.code) }
	said := r.path
	if a.code != "" {
		said += ": " + p.plain(a.code)
	}
	if a.message != "" && a.message != a.code {
		said += ": " + p.plain(a.message)
	}
	switch {
	case a.page && a.status < 500:
		why := r.path + ": DingTalk answered with a page of HTML: it bans this address for five minutes after 10,000 calls in 20 s, or a proxy stands between"
		p.health.broke(codePage, why)
		p.rests.rest("", p.now().Add(banWait))
		return notNow(codePage, banWait, why)
	case is(usedUp):
		p.ledger.close(p.now())
		return notNow(a.code, savingWait, usedUpLine)
	case is(tooOften):
		p.o.Pace.Refused(time.Now())
		p.rests.rest(r.path, p.now().Add(qpsWait))
		return notNow(a.code, qpsWait, said)
	case is(crowds):
		p.rests.rest(r.path, p.now().Add(crowdWait))
		return notNow(a.code, crowdWait, said)
	case is(denials), len(a.scopes) > 0:
		line := fmt.Sprintf("%s: the app lacks the permission %s; open it in the developer console (权限管理)", r.path, p.plain(strings.Join(a.scopes, ", ")))
		if len(a.scopes) == 0 {
			line = fmt.Sprintf("%s: the app lacks a permission: %s", r.path, p.plain(a.message))
		}
		p.health.broke(r.path, line)
		return notNow(a.code, mendWait, line)
	case is(badSecret), a.tokenRefused():
		line := fmt.Sprintf("%s: DingTalk does not take the client id and secret (%s); put the right client_id and client_secret in the config", r.path, p.plain(a.code))
		p.health.broke("credentials", line)
		return notNow(a.code, mendWait, line)
	case is(badCards):
		line := fmt.Sprintf("%s: the card template cannot be used (%s); publish it, and put its id in card_template", r.path, a.code)
		p.health.broke(r.path, line)
		return notNow(a.code, mendWait, line)
	case lost[a.code] != "":
		return notEver(a.code, fmt.Sprintf("%s: %s", said, lost[a.code]))
	case a.empty && a.status/100 == 2 && r.out == nil:
		return nil // nothing was to be said
	case a.empty:
		return &failure{code: codeEmpty, maybe: a.status/100 != 4, as: &chat.Later{Why: fmt.Sprintf("%s: an empty answer, status %d", r.path, a.status)}}
	case a.status >= 500:
		return &failure{code: a.code, maybe: true, as: &chat.Later{Why: fmt.Sprintf("%s: status %d", said, a.status)}}
	case a.code == codeUnread, a.code == codeUnsuccessful:
		return &failure{code: a.code, maybe: true, as: &chat.Later{Why: said}}
	case a.status == 429:
		p.rests.rest(r.path, p.now().Add(qpsWait))
		return notNow(a.code, qpsWait, fmt.Sprintf("%s: status %d", said, a.status))
	case a.status == 400 || a.status == 404:
		return notEver(a.code, said) // the same words would be refused again
	case a.status/100 != 2:
		return notNow(a.code, mendWait, fmt.Sprintf("%s: status %d", said, a.status))
	case a.code != "":
		return notNow(a.code, 0, said)
	}
	return nil
}

// plain is DingTalk's own words in one short line, without secrets of ours.
func (p *Platform) plain(s string) string {
	for _, secret := range []string{p.o.ClientSecret, p.tokens.current()} {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "…")
		}
	}
	return cutRunes(strings.Join(strings.Fields(s), " "), maxMessage)
}

// rests are the pauses that DingTalk asked for, by path; "" is every path. The
// zero value is ready.
type rests struct {
	mu    sync.Mutex
	until map[string]time.Time
	clock func() time.Time
}

func (r *rests) rest(path string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until == nil {
		r.until = map[string]time.Time{}
	}
	if until.After(r.until[path]) {
		r.until[path] = until
	}
}

// left is how long a path still rests; 0 when it does not.
func (r *rests) left(path string) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.until) == 0 {
		return 0
	}
	now := r.clock()
	longest := time.Duration(0)
	for _, k := range []string{"", path} {
		switch left := r.until[k].Sub(now); {
		case left > 0:
			longest = max(longest, left)
		default:
			delete(r.until, k)
		}
	}
	return longest
}
