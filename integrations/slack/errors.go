package slack

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/slack-go/slack"

	"butler/bot/chat"
)

// failure is an error of the Web API that still knows Slack's word for it.
type failure struct {
	code string
	as   error // *chat.Later or *chat.Never
}

func (f *failure) Error() string { return f.as.Error() }
func (f *failure) Unwrap() error { return f.as }

// code is Slack's word for an error; "" when it said none.
func code(err error) string {
	var f *failure
	var said slack.SlackErrorResponse
	switch {
	case errors.As(err, &f):
		return f.code
	case errors.As(err, &said):
		return said.Err
	}
	return ""
}

// never reports whether no repetition mends an error.
func never(err error) bool {
	var n *chat.Never
	return errors.As(err, &n)
}

// hopeless are the answers that no repetition mends, with what a person should
// do about them.
var hopeless = map[string]string{
	"channel_not_found":                              "Slack knows no such channel, or the app was not invited to it",
	"is_archived":                                    "the channel is archived",
	"not_in_channel":                                 "the app is not in the channel; invite it there",
	"restricted_action":                              "the workspace does not let the app post there",
	"restricted_action_read_only_channel":            "the channel is read-only for the app",
	"restricted_action_thread_only_channel":          "the channel takes only answers in threads",
	"restricted_action_thread_locked":                "the thread is locked",
	"restricted_action_non_threadable_channel":       "the channel takes no threads",
	"restricted_action_blocked_by_recipient_setting": "this person does not take messages of the app",
	"user_not_found":                                 "Slack knows no such user",
	"users_not_found":                                "Slack knows no such user",
	"user_not_in_channel":                            "this person is not in the channel",
	"user_disabled":                                  "this person's account is deactivated",
	"user_not_visible":                               "the app may not see this person",
	"user_is_bot":                                    "this is an app, not a person",
	"cannot_dm_bot":                                  "this is an app, not a person",
	"messages_tab_disabled":                          "the app's Messages tab is switched off in its manifest",
	"msg_too_long":                                   "the message is too long",
	"msg_blocks_too_long":                            "the message is too long",
	"too_many_attachments":                           "the message is too long",
	"no_text":                                        "the message is empty",
	"invalid_blocks":                                 "Slack does not take these blocks",
	"invalid_blocks_format":                          "Slack does not take these blocks",
	"message_not_found":                              "the message is gone",
	"cant_update_message":                            "the message is not the app's to change",
	"edit_window_closed":                             "the message is too old to change",
	"team_access_not_granted":                        "the app is not installed in that workspace",
	"ekm_access_denied":                              "the administrators have suspended posting",
}

// broken are the answers by which an operator has to mend a token or a scope.
var broken = map[string]string{
	"invalid_auth":           "the token is not valid; make a new one and put it in the config",
	"not_authed":             "the token is empty",
	"token_revoked":          "the token was revoked; install the app again and put the new one in the config",
	"token_expired":          "the token has expired; make a new one and put it in the config",
	"account_inactive":       "the app was uninstalled or its account deactivated; install it again",
	"not_allowed_token_type": "this is the wrong kind of token: app_token begins with xapp-, bot_token with xoxb-",
	"missing_scope":          "the app lacks a scope; add it and install the app again",
	"no_permission":          "the app lacks a permission; install it again from its manifest",
	"invalid_app_id":         "the token belongs to no app",
	"access_denied":          "the workspace denies the app access",
	"org_login_required":     "the workspace is being moved to another organisation",
}

// final are those of them that end the start: nothing but another config helps.
var final = map[string]bool{"invalid_auth": true, "not_authed": true, "token_revoked": true, "account_inactive": true}

// line says in one clear line what is wrong with a call.
func line(method string, err error) string {
	var said slack.SlackErrorResponse
	errors.As(err, &said)
	which := "bot_token"
	if method == "apps.connections.open" {
		which = "app_token"
	}
	switch word := code(err); {
	case word == "missing_scope" && said.Needed != "":
		return fmt.Sprintf("slack: %s: missing_scope: the app needs %s; add it and install the app again (butler slack-manifest has every scope)", method, oneLine(said.Needed))
	case broken[word] != "":
		return fmt.Sprintf("slack: %s: %s: %s: %s", which, method, word, broken[word])
	}
	return "slack: " + method + ": " + oneLine(strings.TrimSpace(err.Error()))
}

// verdict turns an error of the Web API into what the port promises: nil, Later,
// Never. It also remembers for Ready what an operator has to mend, until it works.
func (p *Platform) verdict(method string, room chat.Room, err error) error {
	word := code(err)
	later := func(l chat.Later) error { return &failure{word, &l} }
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	switch {
	case err == nil:
		p.state.works(method)
		return nil
	case errors.As(err, &limited):
		return later(chat.Later{After: limited.RetryAfter, Why: method + ": rate limited"})
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests, word == "ratelimited", word == "rate_limited", word == "message_limit_exceeded":
		return later(chat.Later{Why: method + ": rate limited"})
	case broken[word] != "":
		p.state.broke(method, defect{scope: word == "missing_scope", line: line(method, err)})
		return later(chat.Later{After: mendWait, Why: line(method, err)})
	case hopeless[word] != "":
		return &failure{word, &chat.Never{Why: fmt.Sprintf("%s: %s (%s, %s)", word, hopeless[word], room, method)}}
	}
	return later(chat.Later{Why: line(method, err)})
}

// threadGone reports whether a message cannot hang where it should because its
// root is gone.
func threadGone(err error) bool {
	switch code(err) {
	case "thread_not_found", "cannot_reply_to_message", "invalid_thread_ts":
		return true
	}
	return false
}
