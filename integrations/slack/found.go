package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"butler/bot"
	"butler/bot/chat"
)

// What bounds the making of a room.
const (
	inviteMost = 100             // people in one conversations.invite (docs.slack.dev)
	aboutMost  = 250             // characters of a topic or a purpose (docs.slack.dev)
	roomsPage  = 200             // channels of one page; Slack advises no more
	shareWait  = 3 * time.Second // longest wait before an invitation is tried once more
	shareSpare = 2 * time.Second // kept of the caller's time, to remember what was made
)

var (
	_ bot.Founder = (*Platform)(nil)
	_ bot.Inviter = (*Platform)(nil)
)

// Found makes a private channel, says in its purpose whose it is, and invites
// people: those of the service and known ones of the customer into the channel,
// strangers and addresses by Slack Connect. A room that was made before is found
// by its name, and used only if the app made it for the same purpose.
//
// Errors: *chat.Never where an administrator has to do something first, which it
// says; *chat.Later for limits and outages. Once the room stands, a person who
// cannot be invited is a line of Missed. Repeating it invites nobody twice into
// the channel; an invitation by mail may come again.
func (p *Platform) Found(ctx context.Context, f bot.Founding) (bot.Founded, error) {
	if !f.Front && len(f.Guests)+len(f.Emails) > 0 {
		return bot.Founded{}, &chat.Never{Why: fmt.Sprintf("%s is for the service alone, and %d people of the customer were to be invited", f.Name, len(f.Guests)+len(f.Emails)),
			Zh: fmt.Sprintf("%s 只供服务团队使用，却要邀请 %d 位客户人员，因此没有建", f.Name, len(f.Guests)+len(f.Emails))}
	}
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-shareSpare))
		defer cancel()
	}
	c, err := p.room(ctx, f)
	if err != nil {
		return bot.Founded{}, err
	}
	if err := p.describe(ctx, c, f); err != nil {
		return bot.Founded{}, err
	}
	missed, err := p.gather(ctx, c.ID, f)
	if err != nil {
		return bot.Founded{}, err
	}
	missed = append(missed, p.mails(ctx, c.ID, f.Name, f.Emails)...)
	if errors.Is(ctx.Err(), context.Canceled) { // the process ends: another one goes on
		return bot.Founded{}, &chat.Later{Why: "conversations.inviteShared: " + ctx.Err().Error()}
	}
	return bot.Founded{Room: chat.Room{Platform: p.Name(), ID: c.ID}, Missed: missed}, nil
}

// Invite invites addresses into a channel that stands, as Found does into its own.
func (p *Platform) Invite(ctx context.Context, room chat.Room, emails []string) (missed []bot.Missed, err error) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-shareSpare))
		defer cancel()
	}
	missed = p.mails(ctx, room.ID, room.ID, emails)
	if errors.Is(ctx.Err(), context.Canceled) { // the process ends: another one goes on
		return nil, &chat.Later{Why: "conversations.inviteShared: " + ctx.Err().Error()}
	}
	return missed, nil
}

// room makes the channel, or finds the one that an earlier attempt made.
func (p *Platform) room(ctx context.Context, f bot.Founding) (*slack.Channel, error) {
	c, err := p.api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: f.Name, IsPrivate: true})
	if code(err) != "name_taken" {
		return c, p.unfounded("conversations.create", f.Name, err)
	}
	me, err := p.me(ctx)
	if err != nil {
		return nil, err
	}
	for cursor := ""; ; {
		page, next, err := p.api.GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{
			Types: []string{"private_channel"}, Limit: roomsPage, Cursor: cursor})
		if err := p.unfounded("users.conversations", f.Name, err); err != nil {
			return nil, err
		}
		for _, c := range page {
			if c.Name == f.Name && c.Creator == me {
				return &c, unfit(c, f)
			}
		}
		if cursor = next; cursor == "" {
			return nil, &chat.Never{Why: fmt.Sprintf("name_taken: a channel %s exists that Butler did not make or is no longer in; rename it, or bind it as the %s", f.Name, side(f)),
				Zh: fmt.Sprintf("已有频道 %s（name_taken），但不是管家建的，或者管家已不在里面：请给它改名，或把它绑定为%s", f.Name, sideZh(f))}
		}
	}
}

// unfit says why a channel that this app made under the same name must not serve
// again: it is somebody else's room, or others read along.
func unfit(c slack.Channel, f bot.Founding) error {
	var why cause
	switch said := c.Purpose.Value; {
	case c.IsArchived:
		why = cause{"is archived; unarchive or rename it", "已归档：请取消归档或改名"}
	case said != "" && said != purpose(f):
		why = cause{fmt.Sprintf("was made for something else (its description says %q); rename it", said),
			fmt.Sprintf("另有用途（说明写的是 %q）：请给它改名", said)}
	case !f.Front && (c.IsExtShared || c.IsPendingExtShared):
		why = cause{"is shared with another organisation; rename it", "与其他组织共享：请给它改名"}
	default:
		return nil
	}
	return &chat.Never{Why: fmt.Sprintf("name_taken: the channel %s %s, or bind another channel as the %s", f.Name, why.en, side(f)),
		Zh: fmt.Sprintf("频道 %s（name_taken）%s，或另绑定一个频道作为%s", f.Name, why.zh, sideZh(f))}
}

// side is the word for the room in a command.
func side(f bot.Founding) string {
	if f.Front {
		return "front"
	}
	return "back"
}

// sideZh is the room in Chinese, with its word in a command.
func sideZh(f bot.Founding) string {
	if f.Front {
		return "客户群（front）"
	}
	return "专家群（back）"
}

// purpose says in the channel whose it is and who reads along; by it the channel
// is known when it is found again.
func purpose(f bot.Founding) string {
	zh, en := "仅服务人员", "for the service alone"
	if f.Front {
		zh, en = "与客户共用", "shared with the customer"
	}
	return about(fmt.Sprintf("安全管家 · %s · %s / Butler, %s", f.Topic, zh, en))
}

// about is one line of plain text as Slack takes and returns it. Its three
// characters of markup are replaced, not escaped: an escape is not returned the
// same everywhere.
func about(s string) string {
	runes := []rune(strings.NewReplacer("<", "‹", ">", "›", "&", "＆").Replace(oneLine(s)))
	return string(runes[:min(len(runes), aboutMost)])
}

// describe sets purpose and topic where they are empty; what people wrote there
// stays. The purpose comes first: nobody is invited before it says whose room it
// is. A workspace that does not let apps describe channels has rooms without.
func (p *Platform) describe(ctx context.Context, c *slack.Channel, f bot.Founding) error {
	if c.Purpose.Value == "" {
		_, err := p.api.SetPurposeOfConversationContext(ctx, c.ID, purpose(f))
		if err := p.minor(p.unfounded("conversations.setPurpose", f.Name, err)); err != nil {
			return err
		}
	}
	if topic := about(f.Topic); topic != "" && c.Topic.Value == "" {
		_, err := p.api.SetTopicOfConversationContext(ctx, c.ID, topic)
		return p.minor(p.unfounded("conversations.setTopic", f.Name, err))
	}
	return nil
}

// minor forgives a refusal, but not what is worth another attempt.
func (p *Platform) minor(err error) error {
	if err == nil || passing(err) || broken[code(err)] != "" && !never(err) {
		return err
	}
	p.log.Warn("a channel was not described", "why", err)
	return nil
}

// gather invites everybody who has an id; a line for each who stays outside.
func (p *Platform) gather(ctx context.Context, channel string, f bot.Founding) (missed []bot.Missed, err error) {
	var ids []string
	for _, id := range distinct(slices.Concat(f.Staff, f.Guests)) {
		if !userID.MatchString(id) {
			missed = append(missed, cause{"this is no user id of Slack", "这不是 Slack 的用户 id"}.left(id))
			continue
		}
		ids = append(ids, id)
	}
	for some := range slices.Chunk(ids, inviteMost) {
		outside, err := p.invite(ctx, channel, f.Name, some)
		if err != nil {
			return nil, err
		}
		for _, o := range outside {
			why := reason(uninvited, o.word)
			if abroad[o.word] && slices.Contains(f.Guests, o.id) {
				why = p.share(ctx, channel, f.Name, slack.InviteSharedToConversationParams{UserIDs: []string{o.id}})
			}
			if why != invited {
				missed = append(missed, why.left(o.id))
			}
		}
	}
	return missed, nil
}

// outsider is somebody who could not be invited, with Slack's word for why.
type outsider struct{ id, word string }

// invite brings people into a channel of their own workspace. Slack takes all of
// a call or none: whoever it names as being in the way is left out, and where it
// names nobody they are invited one by one.
func (p *Platform) invite(ctx context.Context, channel, name string, ids []string) (outside []outsider, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	_, err = p.api.InviteUsersToConversationContext(ctx, channel, ids...)
	if !personal(err) {
		return nil, p.unfounded("conversations.invite", name, err)
	}
	leave := func(id, word string) {
		if word != "already_in_channel" {
			outside = append(outside, outsider{id, word})
		}
	}
	rest := slices.Clone(ids)
	var said slack.SlackErrorResponse
	errors.As(err, &said)
	for _, e := range said.Errors {
		if one := e.ConversationsInviteResponseError; one != nil && slices.Contains(rest, one.User) {
			leave(one.User, one.Error)
			rest = slices.DeleteFunc(rest, func(id string) bool { return id == one.User })
		}
	}
	switch {
	case len(ids) == 1 && len(rest) == 1:
		leave(ids[0], code(err))
		return outside, nil
	case len(rest) < len(ids):
		more, err := p.invite(ctx, channel, name, rest)
		return append(outside, more...), err
	}
	for _, id := range rest {
		one, err := p.invite(ctx, channel, name, []string{id})
		if err != nil {
			return nil, err
		}
		outside = append(outside, one...)
	}
	return outside, nil
}

// mails invites people of the customer by their addresses, each once, and says who
// could not be.
func (p *Platform) mails(ctx context.Context, channel, name string, emails []string) (missed []bot.Missed) {
	for _, email := range distinct(emails) {
		if why := p.mail(ctx, channel, name, email); why != invited {
			missed = append(missed, why.left(email))
		}
	}
	return missed
}

// mail invites an address by Slack Connect, and where that does not work its
// owner, if they are of this workspace. invited, else why not.
func (p *Platform) mail(ctx context.Context, channel, name, email string) cause {
	why := p.share(ctx, channel, name, slack.InviteSharedToConversationParams{Emails: []string{email}})
	if why == invited {
		return invited
	}
	u, err := p.api.GetUserByEmailContext(ctx, email)
	if err != nil || u == nil {
		return why
	}
	outside, err := p.invite(ctx, channel, name, []string{u.ID})
	switch {
	case err != nil:
		return why
	case len(outside) > 0:
		return reason(uninvited, outside[0].word)
	}
	return invited
}

// share sends one invitation of Slack Connect, once more after a limit or an
// outage where there is time. invited when it was sent, else why not.
func (p *Platform) share(ctx context.Context, channel, name string, to slack.InviteSharedToConversationParams) cause {
	to.ChannelID = channel
	for again := false; ; again = true {
		_, _, err := p.api.InviteSharedToConversationContext(ctx, to)
		word := code(err)
		if err == nil || word == "already_in_channel" || again && word == "connection_limit_exceeded_pending" {
			return invited
		}
		verdict := p.unfounded("conversations.inviteShared", name, err)
		if !passing(err) {
			return reason(unshared, word)
		}
		var wait *chat.Later
		errors.As(verdict, &wait)
		if after := cmp.Or(wait.After, time.Second); again || after > shareWait || !enough(ctx, after) || !rest(ctx, 2*after) {
			p.log.Warn("an invitation was not sent", "channel", channel, "why", verdict)
			return cause{"Slack did not answer, or takes no more invitations now; invite them by hand in the channel", "Slack 没有应答，或暂时不再接受邀请，请在频道里手动邀请"}
		}
	}
}

// enough reports whether a wait of at most twice d leaves time for a call.
func enough(ctx context.Context, d time.Duration) bool {
	end, ok := ctx.Deadline()
	return !ok || time.Until(end) > 2*d+time.Second
}

// reason is Slack's word in plain words, with the word itself to look it up by.
func reason(known map[string]cause, word string) cause {
	w := cmp.Or(known[word], cause{"Slack does not let Butler invite them", "Slack 不允许管家邀请对方"})
	return cause{w.en + " (" + word + ")", w.zh + "（" + word + "）"}
}

// invited is no reason: they are in, or on their way.
var invited cause

// left is who stays outside, for this reason.
func (w cause) left(who string) bot.Missed { return bot.Missed{Who: who, Why: w.en, Zh: w.zh} }

// me is the app's own user id.
func (p *Platform) me(ctx context.Context) (string, error) {
	if s := p.self.Load(); s != nil {
		return s.user, nil
	}
	a, err := p.api.AuthTestContext(ctx)
	if err := p.verdict("auth.test", chat.Room{Platform: p.Name()}, err); err != nil {
		return "", err
	}
	return a.UserID, nil
}

// distinct are the words of a list without blanks around them, each once.
func distinct(all []string) []string {
	var out []string
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
