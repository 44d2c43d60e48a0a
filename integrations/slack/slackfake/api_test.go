package slackfake_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"butler/integrations/slack/slackfake"
)

func post(api *slack.Client, channel, text string) error {
	_, _, err := api.PostMessage(channel, slack.MsgOptionText(text, false))
	return err
}

func TestEveryShapeOfFailure(t *testing.T) {
	status := func(code int) func(error) bool {
		return func(err error) bool {
			var s slack.StatusCodeError
			return errors.As(err, &s) && s.Code == code
		}
	}
	says := func(code string) func(error) bool {
		return func(err error) bool {
			var e slack.SlackErrorResponse
			return errors.As(err, &e) && e.Err == code
		}
	}
	for _, c := range []struct {
		name  string
		fault slackfake.Fault
		is    func(error) bool
		done  bool // the message is there all the same
	}{
		{"429 with Retry-After", slackfake.RateLimited(7 * time.Second), func(err error) bool {
			var e *slack.RateLimitedError
			return errors.As(err, &e) && e.RetryAfter == 7*time.Second
		}, false},
		{"429 without", slackfake.RateLimitedSilently(), status(429), false},
		{"200 and ratelimited", slackfake.Refused("ratelimited"), says("ratelimited"), false},
		{"500", slackfake.Status(500), status(500), false},
		{"HTML", slackfake.Garbage(), func(err error) bool { return err != nil }, false},
		{"dropped before", slackfake.DropsBefore(), func(err error) bool { return err != nil }, false},
		{"dropped after", slackfake.DropsAfter(), func(err error) bool { return err != nil }, true},
		{"invalid_auth", slackfake.Refused("invalid_auth"), says("invalid_auth"), false},
		{"restricted_action", slackfake.Refused("restricted_action"), says("restricted_action"), false},
		{"missing_scope", slackfake.MissingScope("chat:write"), func(err error) bool {
			var e slack.SlackErrorResponse
			return errors.As(err, &e) && e.Needed == "chat:write"
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := workspace(t)
			f := s.Fail("chat.postMessage", c.fault)
			err := post(client(s), front, "x")
			if !c.is(err) {
				t.Errorf("answered with %T %v", err, err)
			}
			if n := len(s.Posted(front)); (n == 1) != c.done {
				t.Errorf("%d messages are there", n)
			}
			if err := post(client(s), front, "again"); err != nil || f.Hits() != 1 {
				t.Errorf("the second call: %v; the fault met %d calls", err, f.Hits())
			}
		})
	}
}

func TestFaultsMeetTheCallsTheyAreMeantFor(t *testing.T) {
	s := workspace(t)
	api := client(s)
	f := s.Fail("chat.postMessage", slackfake.Status(503).In(front).After(1).Times(2))
	for i, want := range []bool{true, false, false, true} {
		if err := post(api, front, "x"); (err == nil) != want {
			t.Errorf("call %d in the front: %v", i+1, err)
		}
		if err := post(api, back, "x"); err != nil {
			t.Errorf("call %d in the back: %v", i+1, err)
		}
	}
	f.Hit(2)
	all := s.Fail("*", slackfake.Refused("token_revoked").Always())
	if _, err := api.AuthTest(); err == nil || err.Error() != "token_revoked" {
		t.Errorf("auth.test: %v", err)
	}
	all.Lift()
	if _, err := api.AuthTest(); err != nil {
		t.Errorf("auth.test after the fault was lifted: %v", err)
	}
}

func TestACallHangsUntilItIsReleased(t *testing.T) {
	s := workspace(t)
	for name, fault := range map[string]slackfake.Fault{"before": slackfake.Hangs(), "after": slackfake.HangsAfter()} {
		f := s.Fail("chat.postMessage", fault)
		done := make(chan error)
		go func() { done <- post(client(s), front, name) }()
		f.Hit(1)
		if name == "after" {
			s.Expect(front, "after") // it was done, and the sender does not know
		}
		select {
		case err := <-done:
			t.Fatalf("%s: the call came back: %v", name, err)
		default:
		}
		s.Release()
		if err := <-done; err != nil {
			t.Errorf("%s: released: %v", name, err)
		}
	}
	s.Fail("chat.postMessage", slackfake.Hangs())
	api := slack.New(s.BotToken, slack.OptionAPIURL(s.URL()), slack.OptionHTTPClient(&http.Client{Timeout: 20 * time.Millisecond}))
	if err := post(api, front, "x"); err == nil {
		t.Error("a client with a timeout waited")
	}
}

func TestOneMessageASecondInAChannel(t *testing.T) {
	s := workspace(t, slackfake.Spacing(time.Second))
	api := client(s)
	if err := post(api, front, "1"); err != nil {
		t.Fatal(err)
	}
	var limited *slack.RateLimitedError
	if err := post(api, front, "2"); !errors.As(err, &limited) || limited.RetryAfter != time.Second {
		t.Errorf("at once: %v", err)
	}
	if err := post(api, back, "1"); err != nil {
		t.Errorf("another channel: %v", err)
	}
	s.Skip(time.Second)
	if err := post(api, front, "2"); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

func TestScopesAreKept(t *testing.T) {
	s := workspace(t, slackfake.Scopes("chat:write", "channels:history"))
	api := client(s)
	if err := post(api, front, "x"); err != nil {
		t.Error(err)
	}
	if _, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: front}); err != nil {
		t.Errorf("history of a public channel: %v", err)
	}
	var e slack.SlackErrorResponse
	if _, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: back}); !errors.As(err, &e) || e.Needed != "groups:history" {
		t.Errorf("history of a private channel: %v, needed %q", err, e.Needed)
	}
}

func TestRoomsThatCannotBePostedTo(t *testing.T) {
	s := workspace(t)
	s.Channel("C0OUT", slackfake.WithoutApp())
	s.Channel("C0SECRET", slackfake.Private(), slackfake.WithoutApp())
	s.Channel("C0OLD")
	s.Archive("C0OLD", true)
	for channel, want := range map[string]string{"C0NONE": "channel_not_found", "C0OUT": "not_in_channel", "C0SECRET": "channel_not_found", "C0OLD": "is_archived"} {
		if err := post(client(s), channel, "x"); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", channel, err, want)
		}
	}
	if err := post(client(s), zhang, "一对一"); err != nil {
		t.Errorf("a user's id is their one-to-one chat: %v", err)
	}
	s.Expect(s.Direct(zhang), "一对一")
	ch, _, _, err := client(s).OpenConversation(&slack.OpenConversationParameters{Users: []string{zhang}})
	if err != nil || ch.ID != s.Direct(zhang) {
		t.Errorf("conversations.open: %v", err)
	}
	if said := s.Say("C0OUT", zhang, "外面"); len(said.Deliveries) != 0 {
		t.Error("the app hears a channel that it is not in")
	}
}

func TestAMessageIsFoundByItsMetadata(t *testing.T) {
	s := workspace(t)
	api := client(s)
	for _, key := range []string{"acme/1/opened", "acme/1/ping/0"} {
		_, _, err := api.PostMessage(front, slack.MsgOptionText(key, false), slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType: "butler_notice", EventPayload: map[string]any{"key": key}}))
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, all := range []bool{false, true} {
		h, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: front, IncludeAllMetadata: all})
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Messages[0].Metadata.EventPayload["key"]; (got == "acme/1/ping/0") != all {
			t.Errorf("include_all_metadata %t: the newest message has the key %v", all, got)
		}
	}
}

func TestHistoryComesInPagesNewestFirst(t *testing.T) {
	s := workspace(t, slackfake.HistoryPage(2))
	begin := time.Now().Add(-time.Hour)
	parent := s.Say(front, lihua, "0", slackfake.At(begin), slackfake.Unheard())
	for i := range 4 {
		s.Say(front, lihua, string(rune('1'+i)), slackfake.At(begin.Add(time.Duration(i+1)*time.Minute)), slackfake.Unheard())
	}
	s.Say(front, zhang, "在线程里", slackfake.InThread(parent.TS), slackfake.Unheard())
	s.Say(front, zhang, "都看得到", slackfake.InThread(parent.TS), slackfake.Broadcast(), slackfake.Unheard())
	var texts []string
	p := &slack.GetConversationHistoryParameters{ChannelID: front, Oldest: parent.TS, Limit: 100}
	for {
		h, err := client(s).GetConversationHistory(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range h.Messages {
			texts = append(texts, m.Text)
		}
		if p.Cursor = h.ResponseMetaData.NextCursor; !h.HasMore {
			break
		}
	}
	if got := strings.Join(texts, " "); got != "都看得到 4 3 2 1" {
		t.Errorf("the history since the first message: %s", got)
	}
	replies, more, _, err := client(s).GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: front, Timestamp: parent.TS})
	if err != nil || !more || len(replies) != 2 || replies[0].Text != "0" || replies[0].ReplyCount != 2 || replies[1].ThreadTimestamp != parent.TS {
		t.Errorf("the thread: %+v, more %t, %v", replies, more, err)
	}
}

func TestAMessageLivesThroughThreadEditAndDeletion(t *testing.T) {
	s := workspace(t)
	api := client(s)
	parent := s.Say(front, lihua, "报告")
	blocks := slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*卡片*", false, false), nil, nil))
	_, ts, err := api.PostMessage(front, slack.MsgOptionText("后备", false), blocks, slack.MsgOptionTS(parent.TS), slack.MsgOptionBroadcast())
	if err != nil {
		t.Fatal(err)
	}
	if m := s.ExpectReply(front, parent.TS, "*卡片*"); m.SubType != "thread_broadcast" {
		t.Errorf("broadcast: %+v", m)
	}
	if _, _, _, err := api.UpdateMessage(front, ts, slack.MsgOptionText("只有文字", false)); err != nil {
		t.Fatal(err)
	}
	if m := s.ExpectEdit(ts, "只有文字"); len(m.Blocks) == 0 || m.Edits != 1 {
		t.Errorf("an update that does not name blocks keeps them: %+v", m)
	}
	if _, _, _, err := api.UpdateMessage(front, ts, slack.MsgOptionText("只有文字", false), slack.MsgOptionBlocks()); err != nil {
		t.Fatal(err)
	}
	if m := s.Message(ts); len(m.Blocks) != 0 {
		t.Errorf("an update with an empty list clears them: %s", m.Blocks)
	}
	if _, _, _, err := api.UpdateMessage(front, parent.TS, slack.MsgOptionText("x", false)); err == nil || err.Error() != "cant_update_message" {
		t.Errorf("somebody else's message was updated: %v", err)
	}
	link, err := api.GetPermalink(&slack.PermalinkParameters{Channel: front, Ts: ts})
	if err != nil || !strings.Contains(link, "/archives/"+front+"/p"+strings.Replace(ts, ".", "", 1)) {
		t.Errorf("permalink %q, %v", link, err)
	}
	if err := api.AddReaction("eyes", slack.NewRefToMessage(front, parent.TS)); err != nil {
		t.Error(err)
	}
	s.ExpectReaction(parent.TS, "eyes")
	if _, _, err := api.DeleteMessage(front, ts); err != nil {
		t.Fatal(err)
	}
	if m := s.Message(ts); !m.Deleted || len(s.Posted(front)) != 0 {
		t.Errorf("after deletion: %+v", m)
	}
	if _, _, _, err := api.UpdateMessage(front, ts, slack.MsgOptionText("x", false)); err == nil || err.Error() != "message_not_found" {
		t.Errorf("a deleted message was updated: %v", err)
	}
}

func TestBlocksBeyondTheLimitsAreRefused(t *testing.T) {
	s := workspace(t)
	long := strings.Repeat("字", 3001)
	section := func(text string) slack.Block {
		return slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil)
	}
	button := func(id, value, text string) slack.BlockElement {
		return slack.NewButtonBlockElement(id, value, slack.NewTextBlockObject("plain_text", text, false, false))
	}
	many := func(n int) []slack.Block {
		var all []slack.Block
		for range n {
			all = append(all, slack.NewDividerBlock())
		}
		return all
	}
	for name, c := range map[string]struct {
		blocks []slack.Block
		why    string // "" for blocks that are fine
	}{
		"a section of 3000":     {[]slack.Block{section(strings.Repeat("字", 3000))}, ""},
		"a section of 3001":     {[]slack.Block{section(long)}, "/blocks/0/text/text"},
		"50 blocks":             {many(50), ""},
		"51 blocks":             {many(51), "no more than 50"},
		"an empty section":      {[]slack.Block{section("")}, "more than 0"},
		"a header of 151":       {[]slack.Block{slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", strings.Repeat("字", 151), false, false))}, "less than 151"},
		"the same action_id":    {[]slack.Block{slack.NewActionBlock("b", button("a", "1", "一"), button("a", "2", "二"))}, "already exists"},
		"the same block_id":     {[]slack.Block{slack.NewActionBlock("x", button("a", "1", "一")), slack.NewActionBlock("x", button("b", "2", "二"))}, "already exists"},
		"a button of 76":        {[]slack.Block{slack.NewActionBlock("b", button("a", "1", strings.Repeat("字", 76)))}, "less than 76"},
		"a button without text": {[]slack.Block{slack.NewActionBlock("b", button("a", "1", ""))}, "more than 0"},
		"a value of 2001":       {[]slack.Block{slack.NewActionBlock("b", button("a", strings.Repeat("x", 2001), "好"))}, "2000"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := client(s).PostMessage(front, slack.MsgOptionBlocks(c.blocks...))
			var e slack.SlackErrorResponse
			switch {
			case c.why == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.why != "" && (!errors.As(err, &e) || e.Err != "invalid_blocks" || !strings.Contains(strings.Join(e.ResponseMetadata.Messages, " "), c.why)):
				t.Errorf("%v %q, want %q in it", err, e.ResponseMetadata.Messages, c.why)
			}
		})
	}
}

func TestPeopleAreKnownForWhatTheyAre(t *testing.T) {
	s := workspace(t)
	s.Guest("U0GUEST", "访客")
	api := client(s)
	for id, is := range map[string]func(*slack.User) bool{
		zhang:             func(u *slack.User) bool { return u.TeamID == slackfake.Team && !u.IsStranger },
		lihua:             func(u *slack.User) bool { return u.TeamID == acme && u.IsStranger },
		"U0GUEST":         func(u *slack.User) bool { return u.TeamID == slackfake.Team && u.IsRestricted },
		slackfake.BotUser: func(u *slack.User) bool { return u.IsBot },
	} {
		if u, err := api.GetUserInfo(id); err != nil || !is(u) {
			t.Errorf("%s: %+v, %v", id, u, err)
		}
	}
	if _, err := api.GetUserInfo("U0NONE"); err == nil || err.Error() != "user_not_found" {
		t.Errorf("nobody: %v", err)
	}
	me, err := api.AuthTest()
	if err != nil || me.UserID != slackfake.BotUser || me.BotID != slackfake.BotID || me.TeamID != slackfake.Team {
		t.Errorf("auth.test: %+v, %v", me, err)
	}
}

func TestAFileIsUploadedAndRead(t *testing.T) {
	s := workspace(t)
	api := client(s)
	f, err := api.UploadFile(slack.UploadFileParameters{Filename: "报告.md", FileSize: len("# 报告"), Content: "# 报告", Channel: front, Title: "报告", InitialComment: "请查收"})
	if err != nil {
		t.Fatal(err)
	}
	m := s.Expect(front, "请查收")
	if len(m.Files) != 1 || m.Files[0].ID != f.ID || string(m.Files[0].Content) != "# 报告" || m.SubType != "file_share" {
		t.Errorf("the file hangs at %+v", m)
	}
	var read strings.Builder
	if err := api.GetFile(m.Files[0].URL, &read); err != nil || read.String() != "# 报告" {
		t.Errorf("read %q, %v", read.String(), err)
	}
}

// A block shows only a file that is whole, and that Slack has looked at.
func TestABlockShowsAFile(t *testing.T) {
	s := workspace(t, slackfake.Develops(200*time.Millisecond))
	api := client(s)
	show := func(id string) (string, error) {
		picture := slack.NewImageBlockSlackFile(&slack.SlackFileObject{ID: id}, "a picture", "", nil)
		_, ts, err := api.PostMessage(front, slack.MsgOptionBlocks(picture))
		return ts, err
	}
	refused := func(err error) bool { return err != nil && strings.Contains(err.Error(), "invalid_blocks") }
	place, err := api.GetUploadURLExternalContext(t.Context(), slack.GetUploadURLExternalParameters{FileName: "a.png", FileSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"F0NONE", place.FileID} {
		if _, err := show(id); !refused(err) {
			t.Errorf("a file that is not there was shown: %v", err)
		}
	}
	f, err := api.UploadFile(slack.UploadFileParameters{Filename: "b.png", FileSize: 3, Content: "PNG", Title: "b"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := show(f.ID); !refused(err) {
		t.Errorf("a file that Slack has not looked at was shown: %v", err)
	}
	s.Skip(time.Second)
	ts, err := show(f.ID)
	if err != nil {
		t.Fatal(err)
	}
	if all := s.Pictures(ts); len(all) != 1 || string(all[0].Content) != "PNG" {
		t.Errorf("it shows %+v", all)
	}
	if all := s.Pictures("1600000000.000001"); all != nil {
		t.Errorf("no message shows %+v", all)
	}
}

func TestTheBodyMayBeJSON(t *testing.T) {
	s := workspace(t)
	r, _ := http.NewRequest("POST", s.URL()+"chat.postMessage", strings.NewReader(`{"channel":"`+front+`","text":"JSON","blocks":[{"type":"divider"}]}`))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Authorization", "Bearer "+s.BotToken)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var a struct{ OK bool }
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || !a.OK {
		t.Errorf("answered %+v, %v", a, err)
	}
	s.Expect(front, "JSON")
}
