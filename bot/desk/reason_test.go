package desk_test

import (
	"encoding/json"
	"testing"

	"butler/bot/desk"
)

// A reason is read in the reader's language; one that was stored before there were
// two languages is read by everybody.
func TestReasonInTheLanguageOfItsReader(t *testing.T) {
	both := desk.Because("the channel is archived\n(C1)", "频道已归档")
	for _, c := range []struct {
		name   string
		why    desk.Reason
		en, zh desk.Internal
	}{
		{"both", both, "the channel is archived (C1)", "频道已归档"},
		{"about somebody", both.About("张工"), "张工: the channel is archived (C1)", "张工：频道已归档"},
		{"about a room", both.At(desk.Front), "front: the channel is archived (C1)", "客户群：频道已归档"},
		{"stored before", "channel_not_found", "channel_not_found", "channel_not_found"},
		{"the platform's own words", desk.Because("群已解散", ""), "群已解散", "群已解散"},
		{"stored before, about somebody", desk.Reason("left").About("zhang"), "zhang: left", "zhang: left"},
		{"none", "", "", ""},
	} {
		kept, err := json.Marshal(c.why)
		if err != nil {
			t.Fatal(err)
		}
		var back desk.Reason
		if err := json.Unmarshal(kept, &back); err != nil || back.In("en") != c.en || back.In("zh-CN") != c.zh || back.In("") != c.zh {
			t.Errorf("%s: %q, %q, %v", c.name, back.In("en"), back.In("zh-CN"), err)
		}
	}
}

// A front room that takes no messages is reported to the experts' room in its
// language and to the manager in theirs.
func TestReasonOfOneFailureForTwoReaders(t *testing.T) {
	m := newStory(t).at(0, urgently())
	staff := m.terms().Staff
	for i := range staff {
		if staff[i].ID == "chen" {
			staff[i].Language = "en"
		}
	}
	why := desk.Because("is_archived: the channel is archived", "频道已归档（is_archived）")
	m.do(desk.Input{Actor: system, Act: desk.Untold{Case: 1, Room: desk.Front, Kind: desk.NOpened, Why: why}})
	for room, want := range map[desk.Room]desk.Internal{desk.Back: "频道已归档（is_archived）", desk.Direct: "is_archived: the channel is archived"} {
		if n := m.told(desk.NWarned, room); n == nil || n.Inside.Note != want {
			t.Errorf("%s: %+v", room, n)
		}
	}
}
