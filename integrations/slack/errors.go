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

// cause is why, one line in the two languages that people read.
type cause struct{ en, zh string }

// notEver is an error that no repetition mends, with Slack's word for it before what
// it means, and where and in which call behind it.
func notEver(word string, w cause, where, method string) *failure {
	return &failure{word, &chat.Never{Why: fmt.Sprintf("%s: %s (%s, %s)", word, w.en, where, method),
		Zh: fmt.Sprintf("%s（%s，%s，%s）", w.zh, word, where, method)}}
}

// hopeless are the answers that no repetition mends, with what a person should
// do about them.
var hopeless = map[string]cause{
	"channel_not_found":                              {"Slack knows no such channel, or the app was not invited to it", "Slack 找不到这个频道，或者应用没有被邀请进去"},
	"is_archived":                                    {"the channel is archived", "频道已归档"},
	"not_in_channel":                                 {"the app is not in the channel; invite it there", "应用不在这个频道里，请邀请它加入"},
	"restricted_action":                              {"the workspace does not let the app post there", "工作区不允许应用在这里发消息"},
	"restricted_action_read_only_channel":            {"the channel is read-only for the app", "应用在这个频道里只能看，不能发消息"},
	"restricted_action_thread_only_channel":          {"the channel takes only answers in threads", "这个频道只接受消息列中的回复"},
	"restricted_action_thread_locked":                {"the thread is locked", "消息列已锁定"},
	"restricted_action_non_threadable_channel":       {"the channel takes no threads", "这个频道不支持消息列"},
	"restricted_action_blocked_by_recipient_setting": {"this person does not take messages of the app", "对方设置了不接收这个应用的消息"},
	"user_not_found":                                 {"Slack knows no such user", "Slack 找不到这个用户"},
	"users_not_found":                                {"Slack knows no such user", "Slack 找不到这个用户"},
	"user_not_in_channel":                            {"this person is not in the channel", "对方不在这个频道里"},
	"user_disabled":                                  {"this person's account is deactivated", "对方的账号已停用"},
	"user_not_visible":                               {"the app may not see this person", "应用无权查看这个用户"},
	"user_is_bot":                                    {"this is an app, not a person", "这是应用，不是人"},
	"cannot_dm_bot":                                  {"this is an app, not a person", "这是应用，不是人"},
	"messages_tab_disabled":                          {"the app's Messages tab is switched off in its manifest", "应用清单里关闭了 Messages 标签页"},
	"msg_too_long":                                   {"the message is too long", "消息过长"},
	"msg_blocks_too_long":                            {"the message is too long", "消息过长"},
	"too_many_attachments":                           {"the message is too long", "消息过长"},
	"no_text":                                        {"the message is empty", "消息是空的"},
	"invalid_blocks":                                 {"Slack does not take these blocks", "Slack 不接受这条消息的版式"},
	"invalid_blocks_format":                          {"Slack does not take these blocks", "Slack 不接受这条消息的版式"},
	"not_enabled":                                    {"the app's Home tab is switched off in its manifest", "应用清单里关闭了 Home 标签页"},
	"cant_delete_message":                            {"the message is not the app's to take back", "这条消息不是应用发的，不能撤回"},
	"message_not_found":                              {"the message is gone", "消息已不存在"},
	"cant_update_message":                            {"the message is not the app's to change", "这条消息不是应用发的，不能修改"},
	"edit_window_closed":                             {"the message is too old to change", "消息太久，不能再修改"},
	"team_access_not_granted":                        {"the app is not installed in that workspace", "应用没有安装到那个工作区"},
	"ekm_access_denied":                              {"the administrators have suspended posting", "管理员已暂停发送消息"},
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
var unmade = map[string]cause{
	"restricted_action":               {"the workspace does not let apps make private channels; allow it in its settings (Permissions, Channel management)", "工作区不允许应用创建私有频道，请在工作区设置里放开（Permissions → Channel management）"},
	"no_permission":                   {"the workspace does not let the app make channels; allow it", "工作区不允许这个应用创建频道，请放开"},
	"user_is_restricted":              {"the workspace does not let the app make channels; allow it", "工作区不允许这个应用创建频道，请放开"},
	"is_bot":                          {"the workspace does not let apps make channels", "工作区不允许应用创建频道"},
	"invalid_name":                    badName,
	"invalid_name_required":           badName,
	"invalid_name_punctuation":        badName,
	"invalid_name_maxlength":          badName,
	"invalid_name_specials":           badName,
	"too_many_convos_for_team":        {"the workspace has as many channels as Slack allows; archive some", "工作区的频道数已到 Slack 上限，请归档一些"},
	"too_many_convos_for_app_on_team": {"the app has made as many channels as Slack allows", "这个应用创建的频道数已到 Slack 上限"},
}

var badName = cause{"Slack does not take this name for a channel; change the customer's id in the config", "Slack 不接受这个频道名，请在配置里换一个客户 id"}

// uninvited are the answers by which one person cannot be invited to a channel.
var uninvited = map[string]cause{
	"already_in_channel":            {"is in the channel", "已在频道里"},
	"user_not_found":                {"Slack knows no such user, or the account is deactivated", "Slack 找不到这个用户，或者账号已停用"},
	"user_team_not_in_channel":      {"belongs to another organisation; Slack Connect has to invite them", "属于其他组织，需要用 Slack Connect 邀请"},
	"org_user_not_in_team":          {"belongs to another workspace of the organisation; add them to this one first", "属于组织的另一个工作区，请先把对方加入这个工作区"},
	"invitee_cant_see_channel":      {"belongs to another workspace of the organisation; add them to this one first", "属于组织的另一个工作区，请先把对方加入这个工作区"},
	"cant_invite":                   {"Slack does not let Butler invite them; invite them by hand", "Slack 不允许管家邀请对方，请手动邀请"},
	"cant_invite_self":              {"this is Butler", "这是管家自己"},
	"no_permission":                 {"Slack does not let Butler invite them; invite them by hand", "Slack 不允许管家邀请对方，请手动邀请"},
	"restricted_action":             {"the workspace does not let apps invite people; invite them by hand", "工作区不允许应用邀请成员，请手动邀请"},
	"no_external_invite_permission": {"the workspace does not let apps invite people from outside; invite them by hand", "工作区不允许应用邀请外部人员，请手动邀请"},
	"user_is_restricted":            {"is a guest of the workspace; an administrator has to add them to the channel", "是工作区的访客，需要管理员把对方加进频道"},
	"user_is_ultra_restricted":      {"is a guest for one channel; an administrator has to make them a guest for several", "是单频道访客，需要管理员改为多频道访客"},
	"ura_max_channels":              {"is a guest for one channel; an administrator has to make them a guest for several", "是单频道访客，需要管理员改为多频道访客"},
	"user_is_bot":                   {"is an app, not a person", "是应用，不是人"},
	"user_disabled":                 {"the account is deactivated", "账号已停用"},
}

// personal reports whether a call failed because of who was to be invited: the
// others may come in. What Slack calls it by a word of tomorrow is counted so.
func personal(err error) bool {
	word := code(err)
	return uninvited[word].en != "" || err != nil && !passing(err) && hopeless[word].en == "" && broken[word] == ""
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
var unshared = map[string]cause{
	"missing_scope":                        {"the app lacks conversations.connect:write; add it and install the app again, or invite them by hand", "应用缺少 conversations.connect:write 权限，请添加后重新安装应用，或手动邀请"},
	"not_paid":                             {"Slack Connect needs a paid plan; make them a guest of the workspace, or upgrade", "Slack Connect 需要付费版，请把对方加为工作区访客，或升级版本"},
	"restricted_action":                    {"the workspace does not let apps invite by Slack Connect; allow it in its settings, or invite them by hand", "工作区不允许应用通过 Slack Connect 邀请，请在设置里放开，或手动邀请"},
	"no_permission":                        {"the workspace does not let apps invite by Slack Connect; allow it in its settings, or invite them by hand", "工作区不允许应用通过 Slack Connect 邀请，请在设置里放开，或手动邀请"},
	"no_external_invite_permission":        {"the workspace does not let apps invite by Slack Connect; allow it in its settings, or invite them by hand", "工作区不允许应用通过 Slack Connect 邀请，请在设置里放开，或手动邀请"},
	"connect_not_allowed":                  {"Slack Connect is switched off in this workspace", "这个工作区关闭了 Slack Connect"},
	"not_allowed_for_grid_workspace":       {"Slack Connect is switched off in this workspace", "这个工作区关闭了 Slack Connect"},
	"invalid_email":                        {"Slack does not take this address", "Slack 不接受这个邮箱地址"},
	"too_many_emails":                      {"this is more than one address", "这里不止一个邮箱地址"},
	"user_not_found":                       {"Slack knows no such user; invite them by their address", "Slack 找不到这个用户，请改用邮箱邀请"},
	"user_is_in_workspace":                 {"is a member of this workspace; add them to the channel by hand", "已是这个工作区的成员，请手动加进频道"},
	"connection_limit_exceeded":            {"the channel is shared with as many organisations as Slack allows", "频道共享的组织数已到 Slack 上限"},
	"connection_limit_exceeded_pending":    {"an invitation to the channel is already waiting to be accepted", "频道的邀请已经发出，正在等对方接受"},
	"member_limit_exceeded":                {"the channel has as many members as Slack allows", "频道的成员数已到 Slack 上限"},
	"not_owner":                            {"the channel belongs to another organisation, which has to invite them", "频道属于另一个组织，需要由那个组织邀请"},
	"not_supported":                        {"this channel cannot be shared", "这个频道不能共享"},
	"cannot_share_cross_workspace_channel": {"this channel cannot be shared", "这个频道不能共享"},
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
		needed := oneLine(cmp.Or(said.Needed, "groups:write"))
		return notEver(word, cause{fmt.Sprintf("the app needs %s to make rooms; add it and install the app again", needed),
			fmt.Sprintf("建群需要给应用加上 %s 权限，请添加后重新安装应用", needed)}, name, method)
	case unmade[word].en != "":
		return notEver(word, unmade[word], name, method)
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
	case hopeless[word].en != "":
		return notEver(word, hopeless[word], room.String(), method)
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
