package dingtalk

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"butler/bot"
	"butler/integrations/dingtalk/dingfake"
)

// grouped gives a platform the group template of the fake.
func grouped(s *dingfake.Server) func(*Platform) {
	return func(p *Platform) { p.o.GroupTemplate = s.GroupTemplate }
}

// TestAGroupIsFound with its people, once, and says who is missing.
func TestAGroupIsFound(t *testing.T) {
	s := organisation(t)
	p := speaker(t, s, grouped(s))
	wish := bot.Founding{Name: "butler-acme", Topic: "示例科技", Staff: []string{zhang, wang}, Guests: []string{hong, "ext/0011223344556677", "left"}, Emails: []string{"li@example.com"}, Front: true}
	got, err := p.Found(t.Context(), wish)
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Members(got.Room.ID); !slices.Equal(m, []string{zhang, wang, hong}) {
		t.Errorf("members %v", m)
	}
	if len(got.Missed) != 3 || got.Missed[0].Who != "ext/0011223344556677" || got.Missed[1].Who != "left" || got.Missed[2].Who != "li@example.com" {
		t.Errorf("missed %q", got.Missed)
	}
	again, err := p.Found(t.Context(), wish)
	if err != nil || again.Room != got.Room {
		t.Errorf("%v, %v", again, err)
	}
	inside := wish
	inside.Name, inside.Front, inside.Guests = "butler-acme-inside", false, nil
	if other, err := p.Found(t.Context(), inside); err != nil || other.Room == got.Room {
		t.Errorf("%v, %v", other, err)
	}
	x := news("1")
	x.Room = got.Room
	sent(t, p, x)
}

// TestTheNextOwner: the first of the staff may be outside of what the app may see.
func TestTheNextOwner(t *testing.T) {
	s := organisation(t)
	s.Add(dingfake.User{ID: "hidden", Hidden: true})
	p := speaker(t, s, grouped(s))
	got, err := p.Found(t.Context(), bot.Founding{Name: "butler-acme", Topic: "示例科技", Staff: []string{"hidden", "left", wang}})
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Members(got.Room.ID); !slices.Contains(m, wang) {
		t.Errorf("members %v", m)
	}
}

// TestAGroupThatCannotBeMade says what to do instead.
func TestAGroupThatCannotBeMade(t *testing.T) {
	s := organisation(t)
	wish := bot.Founding{Name: "butler-acme", Topic: "示例科技", Staff: []string{zhang}}
	_, err := speaker(t, s).Found(t.Context(), wish)
	isNever(t, err, "group_template", "@管家 绑定")
	p := speaker(t, s, grouped(s))
	_, err = p.Found(t.Context(), bot.Founding{Name: "x", Staff: []string{"ext/1"}})
	isNever(t, err, "owner")
	s.Fail(scenePath, dingfake.PermissionDenied("qyapi_chat_manage"))
	_, err = p.Found(t.Context(), wish)
	isNever(t, err, "qyapi_chat_manage", "权限管理") // the asker is told, once
	if p.Ready() == nil {
		t.Error("Ready does not name the permission")
	}
	p.o.GroupTemplate = "wrong"
	_, err = p.Found(t.Context(), wish)
	isNever(t, err, "group_template")
}

func TestGroupTitle(t *testing.T) {
	for _, topic := range []string{"示例科技", strings.Repeat("长", 80), "", "a\nb"} {
		for _, front := range []bool{true, false} {
			if got := groupTitle(bot.Founding{Topic: topic, Front: front}); utf8.RuneCountInString(got) > maxGroupName || strings.Contains(got, "\n") {
				t.Errorf("%q", got)
			}
		}
	}
}
