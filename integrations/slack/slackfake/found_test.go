package slackfake_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"butler/integrations/slack/slackfake"
)

func TestARoomIsMadeAndPeopleInvited(t *testing.T) {
	s := workspace(t)
	api := client(s)
	ch, err := api.CreateConversation(slack.CreateConversationParams{ChannelName: "acme-安全", IsPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.CreateConversation(slack.CreateConversationParams{ChannelName: "acme-安全"}); err == nil || err.Error() != "name_taken" {
		t.Errorf("the same name again: %v", err)
	}
	if _, err := api.InviteUsersToConversation(ch.ID, zhang); err != nil {
		t.Error(err)
	}
	if _, err := api.InviteUsersToConversation(ch.ID, zhang); err == nil || err.Error() != "already_in_channel" {
		t.Errorf("invited twice: %v", err)
	}
	if _, err := api.InviteUsersToConversation(ch.ID, lihua); err == nil || err.Error() != "user_team_not_in_channel" {
		t.Errorf("a stranger needs Slack Connect: %v", err)
	}
	if id, _, err := api.InviteSharedToConversation(slack.InviteSharedToConversationParams{ChannelID: ch.ID, Emails: []string{"lihua@example.com"}}); err != nil || id == "" {
		t.Errorf("inviteShared: %q, %v", id, err)
	}
	if _, _, err := api.InviteSharedToConversation(slack.InviteSharedToConversationParams{ChannelID: ch.ID, Emails: []string{"lihua@example.com"}}); err == nil || err.Error() != "connection_limit_exceeded_pending" {
		t.Errorf("the same invitation again: %v", err)
	}
	s.Staff("U05", "赵工")
	_, err = api.InviteUsersToConversation(ch.ID, "U05", "U0NOBODY", lihua)
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != "user_not_found" || len(refused.Errors) != 2 {
		t.Errorf("two of three cannot be invited: %v, %+v", err, refused.Errors)
	}
	_, purpose := api.SetPurposeOfConversation(ch.ID, "为示例科技值守")
	_, topic := api.SetTopicOfConversation(ch.ID, strings.Repeat("长", 251))
	if purpose != nil || topic == nil || topic.Error() != "too_long" {
		t.Errorf("purpose: %v; a topic of 251 characters: %v", purpose, topic)
	}
	rooms := s.Rooms()
	if r := rooms[len(rooms)-1]; r.Purpose != "为示例科技值守" || r.Topic != "" || !slices.Equal(r.Members, []string{slackfake.BotUser, zhang}) || !slices.Equal(r.Invited, []string{"lihua@example.com"}) {
		t.Errorf("the room is %+v; one who cannot be invited keeps all of a call out", r)
	}
	info, err := api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: ch.ID})
	if err != nil || !info.IsPrivate || !info.IsMember || info.Name != "acme-安全" {
		t.Errorf("conversations.info: %+v, %v", info, err)
	}
	all, next, err := api.GetConversations(&slack.GetConversationsParameters{Types: []string{"public_channel", "private_channel"}, Limit: 2})
	if err != nil || len(all) != 2 || next == "" {
		t.Errorf("conversations.list: %d channels, next %q, %v", len(all), next, err)
	}
	members, _, err := api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: ch.ID})
	if err != nil || len(members) != 2 {
		t.Errorf("members: %v, %v", members, err)
	}
	s.Channel("C0OPEN", slackfake.WithoutApp())
	if _, _, _, err := api.JoinConversation("C0OPEN"); err != nil {
		t.Error(err)
	}
	if _, _, _, err := api.JoinConversation(ch.ID); err == nil || err.Error() != "method_not_supported_for_channel_type" {
		t.Errorf("nobody joins a private channel: %v", err)
	}
}

// A call that touches two kinds of channels needs the scopes of both.
func TestAListOfTwoKindsNeedsTwoScopes(t *testing.T) {
	s := workspace(t, slackfake.Scopes("groups:read", "groups:write"))
	list := func(types ...string) error {
		_, _, err := client(s).GetConversations(&slack.GetConversationsParameters{Types: types})
		return err
	}
	var refused slack.SlackErrorResponse
	if err := list("private_channel", "public_channel"); !errors.As(err, &refused) || refused.Needed != "channels:read" {
		t.Errorf("%v needs %q", err, refused.Needed)
	}
	if err := list("private_channel"); err != nil {
		t.Error(err)
	}
	_, err := client(s).CreateConversation(slack.CreateConversationParams{ChannelName: "offen"})
	if !errors.As(err, &refused) || refused.Needed != "channels:manage" {
		t.Errorf("%v needs %q", err, refused.Needed)
	}
	if _, err := client(s).CreateConversation(slack.CreateConversationParams{ChannelName: "geheim", IsPrivate: true}); err != nil {
		t.Error(err)
	}
}
