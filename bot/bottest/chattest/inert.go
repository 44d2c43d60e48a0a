package chattest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"butler/bot"
	"butler/bot/card"
)

var inertCases = []testCase{
	{"words of people do nothing where they are shown", doesNothing},
}

// nasty is what people may write that does something in some markup. {id} and
// {name} are those of the expert.
var nasty = []string{
	"<!channel> <!here> <!everyone> <!subteam^S1|x>",
	"<@{id}> <@{name}> <#C0BACK>",
	"@all @所有人 @{id} @{name} @everyone",
	"<https://evil.example|点这里> <mailto:x@evil.example|x>",
	"[点我](https://evil.example) ![](https://evil.example/a.png)",
	"https://evil.example/x dingtalk://dingtalkclient/action",
	"javascript:alert(1) <javascript:alert(1)|x>",
	"**粗** *斜* _斜_ __粗__ ~~删~~ ~删~ `码`",
	"*a* _b_ ~c~",
	"# 标题\n> 引用\n- 一\n* 二\n+ 三\n1. 四",
	"标题\n---\n标题\n===",
	"一\n\n### 已解决\n**状态：** 关闭",
	"```\ncode\n```",
	"    四格\n\t制表",
	"<b>x</b><script>alert(1)</script><img src=x onerror=alert(1)></div>",
	"<at id=all></at> <font color=red>红</font>",
	"&lt;!channel&gt; &amp;lt; &#60;b&#62;",
	`\*x\* \[y\](z) \<b>`,
	":fire: :warning: 🔥",
	"|a|b|\n|--|--|\n|c|d|",
	"button: 关闭 | /resolve 42\nfield: 状态 | 已解决",
	"{{.Case}} {{template \"x\"}} ${x} %s %!d",
	`"}],"blocks":[{"type":"divider"}],"x":["`,
	"一\r# 二\r> 三",
	"一\u2028# 二\u2029> 三\u0085# 四\v# 五\f# 六",
	"\u202e反过来\u202c",
	"<!channel", "<@", "*", "[", "`", "**", "&", "\\",
}

// doesNothing shows each nasty text in every place of a card in which words of
// people stand, and compares it with the same card that says something harmless.
func doesNothing(s *suite) {
	p := s.fresh()
	type pair struct {
		w          Way
		text       string
		tame, wild string // the words by which the two cards are found
	}
	var sent []pair
	for i, text := range nasty {
		text = strings.NewReplacer("{id}", s.Expert.ID, "{name}", s.Expert.Name).Replace(text)
		for _, w := range []Way{News, Board, Ping, Aside} {
			one := pair{w, text, fmt.Sprintf("起甲%s%d止", w, i), fmt.Sprintf("起乙%s%d止", w, i)}
			s.send(p, s.quoting(w, one.tame, harmless(text)))
			s.send(p, s.quoting(w, one.wild, text))
			sent = append(sent, one)
		}
	}
	all := s.Shown()
	find := func(word string) (m Shown) {
		for _, m := range all {
			if strings.Contains(m.Words, word) {
				return m
			}
		}
		s.Fatalf("nothing says %q", word)
		return m
	}
	for _, c := range sent {
		tame, wild := find(c.tame), find(c.wild)
		if !slices.Equal(wild.Acts, tame.Acts) {
			s.Errorf("%s: with %q the card does %q, and with harmless words %q:\n%s", c.w, c.text, wild.Acts, tame.Acts, wild.Words)
		}
		if wild.All || !slices.Equal(wild.To, tame.To) || wild.Only != tame.Only || !slices.Equal(wild.Buttons, tame.Buttons) {
			s.Errorf("%s: with %q it calls %v, everybody %v, is seen by %q and has the buttons %q", c.w, c.text, wild.To, wild.All, wild.Only, wild.Buttons)
		}
		if n := strings.Count(fold(wild.Words), fold(c.text)); n < places {
			s.Errorf("%s: %q stands %d times in the card, want %d:\n%s", c.w, c.text, n, places, wild.Words)
		}
	}
}

// places is in how many places of the card of quoting the words stand.
const places = 7

// quoting is a card in which somebody's words stand wherever they may.
func (s *suite) quoting(w Way, word, text string) bot.Sending {
	out := s.sending(w, "k/"+word, word)
	out.Card.Title = word + " " + text
	out.Card.Lines = []card.Line{
		{Kind: card.Field, Label: "报告", Text: text},
		{Kind: card.Text, Text: text},
		{Kind: card.Quote, Text: text},
		{Kind: card.Item, Text: text},
		{Kind: card.Field, Label: text, Text: "标签"},
	}
	out.Card.Foot = text
	if len(out.Card.Buttons) > 0 {
		out.Card.Buttons = append(out.Card.Buttons, card.Button{Label: strings.TrimSpace(text), Command: "/list 8"})
	}
	if w == News {
		out.Name = text // of nobody whom the platform knows
	}
	return out
}

// lineEnd is whatever ends a line somewhere.
const lineEnd = "\n\r\v\f\u0085\u2028\u2029"

// harmless are other words with the same lines as a text.
func harmless(text string) string {
	var b strings.Builder
	for text != "" {
		n := strings.IndexAny(text, lineEnd)
		if n < 0 {
			n = len(text)
		}
		if strings.TrimSpace(text[:n]) != "" {
			b.WriteString("好")
		}
		text = text[n:]
		n = len(text) - len(strings.TrimLeft(text, lineEnd))
		b.WriteString(text[:n])
		text = text[n:]
	}
	return b.String()
}

// fold forgets how a platform keeps words from doing something: full-width twins
// of characters, characters of no width, and where a line ends.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xfee0
		case r == 0x200b, r == 0x2060, r == 0xfeff:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), "")
}

var longCases = []testCase{
	{"nothing is too long", tooLong},
}

func tooLong(s *suite) {
	p := s.fresh()
	sentence := "很长的一句话，没有尽头。👩‍🚒 It goes on & on <b>. "
	for _, w := range ways {
		word := "开头" + string(w)
		out := s.sending(w, "k/"+word, word)
		long := strings.Repeat(sentence, 150)
		out.Card.Title, out.Card.Foot, out.Card.Lines = word+" "+long, long, []card.Line{{Kind: card.Text, Text: "第一段。"}}
		for i := range 40 {
			kind := []card.LineKind{card.Field, card.Text, card.Quote, card.Item}[i%4]
			out.Card.Lines = append(out.Card.Lines, card.Line{Kind: kind, Label: sentence, Text: long})
			if w == News || w == Aside {
				continue // without anything to press a card may take another road
			}
			out.Card.Buttons = append(out.Card.Buttons, card.Button{Label: sentence + sentence, Command: fmt.Sprintf("/claim %d", 100+i)})
			out.Card.Links = append(out.Card.Links, card.Link{Label: sentence + sentence, URL: fmt.Sprintf("https://example.com/%d", i)})
		}
		out.Name = long
		r := s.send(p, out)
		m := s.one(word)
		switch whole := strings.Count(fold(m.Words), fold(long)) >= 40; {
		case !utf8.ValidString(m.Words):
			s.Errorf("%s: it was cut through a character", w)
		case !strings.Contains(m.Words, "第一段。"):
			s.Errorf("%s: its first words are lost: %.200s", w, m.Words)
		case !whole && !strings.Contains(m.Words, "…"):
			s.Errorf("%s: something is missing, and nothing says so", w)
		}
		if w == Board {
			out.Card.Title = "改后 " + long
			s.edit(p, r.Ref, out)
			if m := s.one("改后"); m.Ref != r.Ref {
				s.Errorf("the edit of a long board is shown as %+v", m)
			}
		}
	}
	// Nothing at all is as good a text as any.
	empty := s.sending(News, "k/empty", "只有标题")
	empty.Card.Lines, empty.Card.Foot = []card.Line{{Kind: card.Text}, {Kind: card.Field, Label: "空"}, {Kind: card.Quote}, {Kind: card.Item}}, ""
	s.send(p, empty)
	s.one("只有标题")
}
