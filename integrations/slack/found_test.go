package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/chat"
	"butler/integrations/slack/slackfake"
)

// The two rooms of the customer acme.
var (
	foundFront = bot.Founding{Name: "butler-acme", Topic: "示例科技", Staff: []string{zhang, chen}, Emails: []string{"li@example.com"}, Front: true}
	foundBack  = bot.Founding{Name: "butler-acme-inside", Topic: "示例科技", Staff: []string{zhang, chen}}
)

// roster is a fake Slack whose app has the scopes of the manifest.
func roster(t *testing.T) *slackfake.Server {
	return workspace(t, slackfake.Scopes(manifestOf(t).OAuth.Scopes.Bot...))
}

// named is the one room of a name.
func named(t *testing.T, s *slackfake.Server, name string) slackfake.Room {
	t.Helper()
	all := slices.DeleteFunc(s.Rooms(), func(r slackfake.Room) bool { return r.Name != name })
	if len(all) != 1 {
		t.Fatalf("there are %d channels %s", len(all), name)
	}
	return all[0]
}

func TestFoundMakesBothRooms(t *testing.T) {
	s := roster(t)
	p := platform(t, s)
	p.state.up()
	for _, f := range []bot.Founding{foundFront, foundBack} {
		made, err := p.Found(context.Background(), f)
		if err != nil || len(made.Missed) > 0 {
			t.Fatalf("%s: %v, missed %q", f.Name, err, made.Missed)
		}
		r := named(t, s, f.Name)
		if made.Room != (chat.Room{Platform: "slack", ID: r.ID}) || !r.Private || r.Topic != "示例科技" ||
			!slices.Equal(r.Members, []string{slackfake.BotUser, zhang, chen}) || !slices.Equal(r.Invited, f.Emails) {
			t.Errorf("%+v is %+v", made.Room, r)
		}
		if both := strings.Contains(r.Purpose, "shared with the customer"); both != f.Front {
			t.Errorf("the description of %s says %q", f.Name, r.Purpose)
		}
		if _, err := p.Send(context.Background(), sending(made.Room.ID, "welcome", nil)); err != nil {
			t.Errorf("Butler cannot speak in %s: %v", f.Name, err)
		}
	}
	if p.Ready() != nil {
		t.Error(p.Ready())
	}

	// Again: the same rooms, and nothing is done twice in them.
	calls := len(s.Calls("conversations.setTopic")) + len(s.Calls("conversations.setPurpose"))
	for _, f := range []bot.Founding{foundFront, foundBack} {
		made, err := p.Found(context.Background(), f)
		if err != nil || made.Room.ID != named(t, s, f.Name).ID {
			t.Errorf("%s again: %+v, %v", f.Name, made, err)
		}
		if want := len(f.Emails); len(made.Missed) != want || want > 0 && (made.Missed[0].Who != "li@example.com" || !strings.HasPrefix(made.Missed[0].Why, "an invitation to the channel is already waiting")) {
			t.Errorf("%s again: missed %q", f.Name, made.Missed)
		}
	}
	if n := len(s.Calls("conversations.setTopic")) + len(s.Calls("conversations.setPurpose")); n != calls {
		t.Errorf("what stands in the channel was written again: %d calls after %d", n, calls)
	}
}

// Killed between any two calls, with the last one done or not, and begun again by
// another process: one room, everybody in it, the customer invited.
func TestFoundMayBeCutAnywhere(t *testing.T) {
	whole := roster(t)
	if _, err := platform(t, whole).Found(context.Background(), foundFront); err != nil {
		t.Fatal(err)
	}
	steps := len(whole.Calls(""))
	if steps < 5 {
		t.Fatalf("a room is made in %d calls; the cuts below would miss some", steps)
	}
	for n := range steps {
		for how, fault := range map[string]slackfake.Fault{"before": slackfake.DropsBefore(), "after": slackfake.DropsAfter()} {
			t.Run(fmt.Sprintf("%s call %d, %s", how, n+1, whole.Calls("")[n].Method), func(t *testing.T) {
				t.Parallel()
				s := roster(t)
				cut := s.Fail("*", fault.After(n))
				made, err := platform(t, s).Found(context.Background(), foundFront)
				if cut.Hits() != 1 {
					t.Fatalf("the fault met %d calls", cut.Hits())
				}
				if err != nil {
					if never(err) {
						t.Fatalf("a broken connection is for ever: %v", err)
					}
					made, err = platform(t, s).Found(context.Background(), foundFront)
				}
				r := named(t, s, foundFront.Name)
				if err != nil || made.Room.ID != r.ID || len(made.Missed) > 0 {
					t.Errorf("%+v, %v", made, err)
				}
				if r.Topic == "" || r.Purpose == "" || !slices.Equal(r.Members, []string{slackfake.BotUser, zhang, chen}) || !slices.Equal(r.Invited, foundFront.Emails) {
					t.Errorf("the room is %+v", r)
				}
			})
		}
	}
}

// A channel of the same name serves again only if the app made it for the same.
func TestFoundTakesNoRoomThatIsNotItsOwn(t *testing.T) {
	other := bot.Founding{Name: foundBack.Name, Topic: "另一家", Staff: []string{zhang}, Front: true}
	made := func(f bot.Founding) func(*testing.T, *slackfake.Server) {
		return func(t *testing.T, s *slackfake.Server) {
			if _, err := platform(t, s).Found(context.Background(), f); err != nil {
				t.Fatal(err)
			}
		}
	}
	then := func(f bot.Founding, o ...slackfake.ChannelOption) func(*testing.T, *slackfake.Server) {
		return func(t *testing.T, s *slackfake.Server) {
			made(f)(t, s)
			s.Channel(named(t, s, f.Name).ID, o...)
		}
	}
	channel := func(o ...slackfake.ChannelOption) func(*testing.T, *slackfake.Server) {
		return func(t *testing.T, s *slackfake.Server) {
			s.Channel("C0OTHER", append(o, slackfake.Named(foundBack.Name))...)
		}
	}
	for _, c := range []struct {
		name   string
		before func(*testing.T, *slackfake.Server)
		says   string // "": it is the same room
	}{
		{"made by the app for the same", made(foundBack), ""},
		{"somebody's public channel", channel(), "did not make"},
		{"somebody's private channel with Butler in it", channel(slackfake.Private(), slackfake.CreatedBy(zhang)), "did not make"},
		{"a private channel that Butler does not see", channel(slackfake.Private(), slackfake.WithoutApp()), "did not make or is no longer in"},
		{"the app's own, and archived", func(t *testing.T, s *slackfake.Server) {
			made(foundBack)(t, s)
			s.Archive(named(t, s, foundBack.Name).ID, true)
		}, "is archived"},
		{"the app's own, shared by somebody", then(foundBack, slackfake.SharedWith("T0ACME")), "shared with another organisation"},
		{"the front of a customer whose id ends alike", made(other), "made for something else"},
		{"made public by an administrator", then(foundBack, slackfake.Public()), "did not make or is no longer in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := roster(t)
			for i := range 2 * roomsPage { // it is not on the first page
				s.Channel(fmt.Sprintf("C0PAGE%03d", i), slackfake.Private())
			}
			c.before(t, s)
			invited := len(s.Calls("conversations.invite"))
			found, err := platform(t, s).Found(context.Background(), foundBack)
			if c.says == "" {
				if err != nil || found.Room.ID != named(t, s, foundBack.Name).ID {
					t.Errorf("%+v, %v", found, err)
				}
				return
			}
			if !never(err) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "as the back") {
				t.Errorf("it says %v", err)
			}
			if n := len(s.Calls("conversations.invite")); n != invited {
				t.Error("somebody was invited into a room that is not ours")
			}
		})
	}
}

// Whoever cannot be invited is a line, and keeps nobody else outside.
func TestFoundSaysWhoIsMissing(t *testing.T) {
	s := roster(t)
	s.Add(slackfake.User{ID: "U05GONE", Deleted: true})
	s.Add(slackfake.User{ID: "U06GUEST", Restricted: true, Uninvitable: "user_is_restricted"})
	s.Add(slackfake.User{ID: "U07ODD", Uninvitable: "solar_flare"})
	s.Add(slackfake.User{ID: "U08IN", Name: "王华", Email: "wang@example.com", Restricted: true})
	f := foundFront
	f.Staff = []string{zhang, "U05GONE", "U06GUEST", chen, zhang, "zhang", slackfake.BotUser, "U07ODD"}
	f.Guests = []string{lihua, "U99NOBODY"}
	f.Emails = []string{" li@example.com ", "no-address", "wang@example.com"}
	s.Fail("conversations.inviteShared", slackfake.Refused("user_is_in_workspace").After(4))
	made, err := platform(t, s).Found(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`zhang: this is no user id of Slack`,
		`U05GONE: Slack knows no such user, or the account is deactivated (user_not_found)`,
		`U06GUEST: is a guest of the workspace; an administrator has to add them to the channel (user_is_restricted)`,
		`U0BUTLER: this is Butler (cant_invite_self)`,
		`U07ODD: Slack does not let Butler invite them (solar_flare)`,
		`U99NOBODY: Slack knows no such user; invite them by their address (user_not_found)`,
		`no-address: Slack does not take this address (invalid_email)`,
	}
	var got []string
	for _, m := range made.Missed {
		got = append(got, m.Who+": "+m.Why)
		if !chinese(m.Zh) {
			t.Errorf("%s: %q is no Chinese", m.Who, m.Zh)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("missed:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	r := named(t, s, f.Name)
	if !slices.Equal(r.Members, []string{slackfake.BotUser, zhang, chen, "U08IN"}) || !slices.Equal(r.Invited, []string{lihua, "li@example.com"}) {
		t.Errorf("the room is %+v", r)
	}

	// Slack does not always say who is in the way.
	f = bot.Founding{Name: foundBack.Name, Staff: []string{zhang, "U05GONE", chen}}
	s.Fail("conversations.invite", slackfake.Refused("user_not_found"))
	if made, err = platform(t, s).Found(context.Background(), f); err != nil || len(made.Missed) != 1 || made.Missed[0].Who != "U05GONE" {
		t.Errorf("%+v, %v", made, err)
	}
	if r := named(t, s, f.Name); !slices.Equal(r.Members, []string{slackfake.BotUser, zhang, chen}) {
		t.Errorf("the room is %+v", r)
	}
}

func TestWhatSlackConnectRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault slackfake.Fault
		times int
		says  string // "": invited all the same
	}{
		{"no paid plan", slackfake.Refused("not_paid"), 1, "Slack Connect needs a paid plan; make them a guest of the workspace, or upgrade (not_paid)"},
		{"switched off", slackfake.Refused("connect_not_allowed"), 1, "switched off"},
		{"not for apps", slackfake.Refused("restricted_action"), 1, "allow it in its settings"},
		{"no scope", slackfake.MissingScope("conversations.connect:write"), 1, "the app lacks conversations.connect:write"},
		{"an unknown word", slackfake.Refused("solar_flare"), 1, "does not let Butler invite them (solar_flare)"},
		{"a limit, short", slackfake.RateLimited(time.Second), 1, ""},
		{"a limit, long", slackfake.RateLimited(time.Minute), 1, "takes no more invitations now; invite them by hand"},
		{"an outage, short", slackfake.Status(http.StatusBadGateway), 1, ""},
		{"an outage", slackfake.Status(http.StatusBadGateway), 2, "did not answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := roster(t)
			p := platform(t, s)
			p.state.up()
			s.Fail("conversations.inviteShared", c.fault.Times(c.times))
			made, err := p.Found(context.Background(), foundFront)
			if err != nil || made.Room.ID == "" {
				t.Fatalf("the room stands: %v", err)
			}
			if c.says == "" {
				if len(made.Missed) > 0 || len(named(t, s, foundFront.Name).Invited) != 1 {
					t.Errorf("missed %q", made.Missed)
				}
			} else if len(made.Missed) != 1 || !strings.Contains(made.Missed[0].Why, c.says) {
				t.Errorf("missed %q", made.Missed)
			}
			if p.Ready() != nil {
				t.Errorf("Ready says %v", p.Ready())
			}
		})
	}
}

// What Slack says when a room is made, and whether it is worth another attempt.
// A scope that only this needs is no trouble for Ready.
func TestWhatSlackRefusesToMake(t *testing.T) {
	for _, c := range []struct {
		method string
		fault  slackfake.Fault
		after  time.Duration // of a Later; -1 for Never, -2 for no error
		says   string
		ready  bool
	}{
		{"conversations.create", slackfake.Refused("restricted_action"), -1, "does not let apps make private channels", true},
		{"conversations.create", slackfake.Refused("no_permission"), -1, "allow it", true},
		{"conversations.create", slackfake.Refused("invalid_name_specials"), -1, "change the customer's id", true},
		{"conversations.create", slackfake.Refused("too_many_convos_for_team"), -1, "archive some", true},
		{"conversations.create", slackfake.MissingScope("groups:write"), -1, "the app needs groups:write to make rooms", true},
		{"conversations.create", slackfake.RateLimited(7 * time.Second), 7 * time.Second, "rate limited", true},
		{"conversations.create", slackfake.Status(http.StatusInternalServerError), 0, "500", true},
		{"conversations.create", slackfake.Refused("invalid_auth"), mendWait, "bot_token", false},
		{"conversations.setPurpose", slackfake.RateLimited(time.Second), time.Second, "rate limited", true},
		{"conversations.setPurpose", slackfake.Refused("no_permission"), -2, "", true},
		{"conversations.setTopic", slackfake.Refused("solar_flare"), -2, "", true},
		{"conversations.setTopic", slackfake.Status(http.StatusBadGateway), 0, "502", true},
		{"conversations.invite", slackfake.RateLimited(time.Second), time.Second, "rate limited", true},
		{"conversations.invite", slackfake.Refused("is_archived"), -1, "archived", true},
	} {
		t.Run(c.method+" "+c.says, func(t *testing.T) {
			s := roster(t)
			p := platform(t, s)
			p.state.up()
			s.Fail(c.method, c.fault)
			_, err := p.Found(context.Background(), foundBack)
			var later *chat.Later
			switch {
			case c.after == -2 && err != nil,
				c.after == -1 && (!never(err) || !strings.Contains(err.Error(), c.says)),
				c.after >= 0 && (!errors.As(err, &later) || later.After != c.after || !strings.Contains(err.Error(), c.says)):
				t.Errorf("it says %v", err)
			}
			if c.ready != (p.Ready() == nil) {
				t.Errorf("Ready says %v", p.Ready())
			}
		})
	}

	s := workspace(t, slackfake.Scopes("groups:write", "chat:write"))
	s.Channel("C0OTHER", slackfake.Named(foundBack.Name))
	if _, err := platform(t, s).Found(context.Background(), foundBack); !never(err) || !strings.Contains(err.Error(), "needs groups:read") {
		t.Errorf("without the scope to look for the room: %v", err)
	}
	f := foundBack
	f.Guests = []string{lihua}
	if _, err := platform(t, s).Found(context.Background(), f); !never(err) || len(s.Calls("conversations.create")) != 1 {
		t.Errorf("a customer is invited into the back: %v", err)
	}
}

// A Slack that does not answer costs no more than the caller's time; the room
// that stands by then is told, with who was not invited.
func TestFoundKeepsToItsTime(t *testing.T) {
	for method, stands := range map[string]bool{"conversations.create": false, "conversations.invite": false, "conversations.inviteShared": true} {
		s := roster(t)
		s.Fail(method, slackfake.Hangs().Always())
		ctx, cancel := context.WithTimeout(context.Background(), shareSpare+300*time.Millisecond)
		made, err := platform(t, s).Found(ctx, foundFront)
		if ctx.Err() != nil {
			t.Errorf("%s: no time is left to remember what was made", method)
		}
		if stands && (err != nil || made.Room.ID == "" || len(made.Missed) != 1) || !stands && (err == nil || never(err)) {
			t.Errorf("%s hangs: %+v, %v", method, made, err)
		}
		cancel()
	}
	s := roster(t)
	hung := s.Fail("conversations.inviteShared", slackfake.Hangs().Always())
	ctx, cancel := context.WithCancel(context.Background())
	go func() { hung.Hit(1); cancel() }()
	if _, err := platform(t, s).Found(ctx, foundFront); err == nil || never(err) {
		t.Errorf("the process ends meanwhile: %v", err)
	}
}

// People are invited into a channel that stands, also one that Butler did not
// make; who cannot be is named.
func TestInviteIntoAChannelThatStands(t *testing.T) {
	s := roster(t)
	p := platform(t, s)
	room := chat.Room{Platform: "slack", ID: front}
	missed, err := p.Invite(context.Background(), room, []string{"li@example.com", "nonsense"})
	if err != nil || len(missed) != 1 || missed[0].Who != "nonsense" {
		t.Errorf("missed %q, %v", missed, err)
	}
	for _, r := range s.Rooms() {
		if r.ID == front && !slices.Equal(r.Invited, []string{"li@example.com"}) {
			t.Errorf("invited are %q", r.Invited)
		}
	}
}
