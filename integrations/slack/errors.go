package slack

import (
	"cmp"
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
	"not_enabled":                                    "the app's Home tab is switched off in its manifest",
	"cant_delete_message":                            "the message is not the app's to take back",
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

// unmade are the answers by which a room cannot be made or prepared, with what an
// administrator should do about them, if not make it by hand and bind it.
var unmade = map[string]string{
	"restricted_action":               "the workspace does not let apps make private channels; allow it in its settings (Permissions, Channel management)",
	"no_permission":                   "the workspace does not let the app make channels; allow it",
	"user_is_restricted":              "the workspace does not let the app make channels; allow it",
	"is_bot":                          "the workspace does not let apps make channels",
	"invalid_name":                    badName,
	"invalid_name_required":           badName,
	"invalid_name_punctuation":        badName,
	"invalid_name_maxlength":          badName,
	"invalid_name_specials":           badName,
	"too_many_convos_for_team":        "the workspace has as many channels as Slack allows; archive some",
	"too_many_convos_for_app_on_team": "the app has made as many channels as Slack allows",
}

const badName = "Slack does not take this name for a channel; change the customer's id in the config"

// uninvited are the answers by which one person cannot be invited to a channel.
var uninvited = map[string]string{
	"already_in_channel":            "is in the channel",
	"user_not_found":                "Slack knows no such user, or the account is deactivated",
	"user_team_not_in_channel":      "belongs to another organisation; Slack Connect has to invite them",
	"org_user_not_in_team":          "belongs to another workspace of the organisation; add them to this one first",
	"invitee_cant_see_channel":      "belongs to another workspace of the organisation; add them to this one first",
	"cant_invite":                   "Slack does not let Butler invite them; invite them by hand",
	"cant_invite_self":              "this is Butler",
	"no_permission":                 "Slack does not let Butler invite them; invite them by hand",
	"restricted_action":             "the workspace does not let apps invite people; invite them by hand",
	"no_external_invite_permission": "the workspace does not let apps invite people from outside; invite them by hand",
	"user_is_restricted":            "is a guest of the workspace; an administrator has to add them to the channel",
	"user_is_ultra_restricted":      "is a guest for one channel; an administrator has to make them a guest for several",
	"ura_max_channels":              "is a guest for one channel; an administrator has to make them a guest for several",
	"user_is_bot":                   "is an app, not a person",
	"user_disabled":                 "the account is deactivated",
}

// personal reports whether a call failed because of who was to be invited: the
// others may come in. What Slack calls it by a word of tomorrow is counted so.
func personal(err error) bool {
	word := code(err)
	return uninvited[word] != "" || err != nil && !passing(err) && hopeless[word] == "" && broken[word] == ""
}

// passing reports whether an error is a limit or an outage: the same call may
// work in a while.
func passing(err error) bool {
	switch code(err) {
	case "", "ratelimited", "rate_limited", "ratelimit", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org":
		return err != nil
	}
	return false
}

// abroad are those of uninvited where an invitation of Slack Connect may do.
var abroad = map[string]bool{"user_not_found": true, "user_team_not_in_channel": true, "cant_invite": true, "no_external_invite_permission": true}

// unshared are the answers by which Slack Connect sends no invitation.
var unshared = map[string]string{
	"missing_scope":                        "the app lacks conversations.connect:write; add it and install the app again, or invite them by hand",
	"not_paid":                             "Slack Connect needs a paid plan; make them a guest of the workspace, or upgrade",
	"restricted_action":                    "the workspace does not let apps invite by Slack Connect; allow it in its settings, or invite them by hand",
	"no_permission":                        "the workspace does not let apps invite by Slack Connect; allow it in its settings, or invite them by hand",
	"no_external_invite_permission":        "the workspace does not let apps invite by Slack Connect; allow it in its settings, or invite them by hand",
	"connect_not_allowed":                  "Slack Connect is switched off in this workspace",
	"not_allowed_for_grid_workspace":       "Slack Connect is switched off in this workspace",
	"invalid_email":                        "Slack does not take this address",
	"too_many_emails":                      "this is more than one address",
	"user_not_found":                       "Slack knows no such user; invite them by their address",
	"user_is_in_workspace":                 "is a member of this workspace; add them to the channel by hand",
	"connection_limit_exceeded":            "the channel is shared with as many organisations as Slack allows",
	"connection_limit_exceeded_pending":    "an invitation to the channel is already waiting to be accepted",
	"member_limit_exceeded":                "the channel has as many members as Slack allows",
	"not_owner":                            "the channel belongs to another organisation, which has to invite them",
	"not_supported":                        "this channel cannot be shared",
	"cannot_share_cross_workspace_channel": "this channel cannot be shared",
}

// unfounded is the verdict on a call that makes or prepares a room. A scope that
// only this needs may be left out: its want is told to who asked, and is no
// trouble for Ready.
func (p *Platform) unfounded(method, name string, err error) error {
	word := code(err)
	var said slack.SlackErrorResponse
	switch {
	case word == "missing_scope":
		errors.As(err, &said)
		return &failure{word, &chat.Never{Why: fmt.Sprintf("%s: the app needs %s to make rooms; add it and install the app again (%s, %s)", word, oneLine(cmp.Or(said.Needed, "groups:write")), name, method)}}
	case unmade[word] != "":
		return &failure{word, &chat.Never{Why: fmt.Sprintf("%s: %s (%s, %s)", word, unmade[word], name, method)}}
	}
	return p.verdict(method, chat.Room{Platform: p.Name(), ID: name}, err)
}

// final are the broken ones that end the start: nothing but another config helps.
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
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests, word == "ratelimited", word == "rate_limited", word == "ratelimit", word == "message_limit_exceeded":
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
