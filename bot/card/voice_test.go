package card

import (
	"strings"
	"testing"

	"butler/bot/desk"
)

// A command is written as it is typed where the card is read, in our own words
// and never in those of people.
func TestVoice(t *testing.T) {
	for _, c := range []struct {
		v                Voice
		lang, said, want string
	}{
		{Slash, "en", "/help lists all commands", "/help lists all commands"},
		{Umbrella, "en", "/help lists all commands; answer: /reply 1 TEXT", "/butler help lists all commands; answer: /butler reply 1 TEXT"},
		{Umbrella, "zh-CN", "答复：/答复 1 内容（/ask）", "答复：/butler 答复 1 内容（/butler ask）"},
		{Umbrella, "en", "1/2 of it, docs/help, https://x/help, 1 / 2, and/or", "1/2 of it, docs/help, https://x/help, 1 / 2, and/or"},
		{Mention, "zh-CN", "发送 /help 查看", "发送 @安全管家 /help 查看"},
		{Mention, "en", "send /help", "send @Butler /help"},
	} {
		if got := c.v.say(c.lang, c.said); got != c.want {
			t.Errorf("%q in %s: %q, want %q", c.said, c.v, got, c.want)
		}
	}
}

func TestVoiceOfSheets(t *testing.T) {
	f := common(desk.Facts{N: 12, Ref: "12", Why: desk.WhyMissingText, Line: "reply", Usage: "/reply [N] TEXT", Near: "reply",
		Title: "/claim 1 and /help", Kind: desk.Incident, Status: desk.Open, Phase: desk.PhaseWaiting, Text: "/help"})
	in := &desk.Inside{Note: "/note this"}
	for _, lang := range Languages {
		for _, name := range Sheets() {
			s, _ := Lookup(lang, name)
			inside := in
			if !s.Back() {
				inside = nil
			}
			plain, err := Fill(s, lang, f, inside)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range Voices {
				c, err := FillFor(v, s, lang, f, inside)
				if err != nil {
					t.Fatal(err)
				}
				for i, b := range c.Buttons {
					if b != plain.Buttons[i] {
						t.Errorf("%s: the button %v types %q", name, v, b.Command)
					}
				}
				for _, l := range c.Lines {
					for _, words := range []string{"/butler claim 1 and", "@Butler /claim 1 and", "@安全管家 /claim 1 and", "/butler note this"} {
						if strings.Contains(l.Text, words) {
							t.Errorf("%s/%s: words of people were changed: %s", lang, name, l.Text)
						}
					}
				}
			}
		}
	}
	s, _ := Lookup("en", "refused")
	c, _ := FillFor(Umbrella, s, "en", f, nil)
	if text := c.String(); !strings.Contains(text, "/butler reply [N] TEXT") || !strings.Contains(text, "/butler help lists") {
		t.Errorf("%s", text)
	}
}
