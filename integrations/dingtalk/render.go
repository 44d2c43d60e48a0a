package dingtalk

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"butler/bot"
	"butler/bot/card"
)

var _ bot.Speaker = (*Platform)(nil)

// Voice is @安全管家 /claim 1: in a group DingTalk brings nothing else.
func (p *Platform) Voice() card.Voice { return card.Mention }

// Limits of what is sent. Source: open.dingtalk.com, robot and card pages
// (platforms.md §2.6).
const (
	maxParam = 15000 // bytes of msgParam, a string of JSON
	maxValue = 1024  // bytes of a value of cardParamMap
	maxHook  = 20000 // bytes of the body at a webhook
	maxTitle = 300   // bytes of a title in a list of chats; ours
)

// Slots of the card template. A card has no loops over what it was not made for:
// what a template can show is a fixed number of everything.
const (
	bodySlots   = 8
	buttonSlots = 8
	askSlots    = 3
	linkSlots   = 2
)

// brk ends a line within a paragraph: DingTalk folds a single line end.
const brk = "  \n  "

// form is where a card is shown, as far as its words depend on it.
type form struct {
	direct bool   // a one-to-one chat: commands need no @
	at     string // the id to write with @, for a message that notifies; "" for none
	name   string // of a person who is called by name; "" for nobody
	aside  bool   // that person was told in a one-to-one chat besides

	picture string // id of the picture of the card's chart; "" where its words have to do
}

// markdown words a card as one message of DingTalk's markdown: what is pressed on
// a card is typed here. The title stands in the list of chats. Title and small
// print are as long as on a card at most; the body gets what is left.
func markdown(c card.Card, f form) (title, text string) {
	head := []string{"### " + inertAfter(c.Tone.Mark()+cutBytes(c.Title, maxValue))}
	if who := f.called(c.Lang); who != "" {
		head = append(head, who)
	}
	tail := nonEmpty(chartBlock(c.Chart, f.picture))
	if typed := typed(c.Buttons, c.Lang, f.direct); typed != "" {
		tail = append(tail, typed)
	}
	if l := links(c.Links); l != "" {
		tail = append(tail, l)
	}
	if c.Foot != "" {
		tail = append(tail, inert(cutBytes(c.Foot, maxValue)))
	}
	body := blocks(c.Lines, c.Lang)
	title = cutBytes(oneLine(c.Tone.Mark()+c.Title), maxTitle)
	for {
		text = strings.Join(concat(head, body, tail), "\n\n")
		if len(paramOf(title, text)) <= maxParam || len(body) == 0 {
			return title, text
		}
		body = shorter(body)
	}
}

// shorter is a body without its last block, and with a mark that it goes on.
func shorter(body []string) []string {
	if n := len(body); n > 0 && body[n-1] == more {
		body = body[:n-1]
	}
	if len(body) <= 1 {
		return nil
	}
	return append(body[:len(body)-1:len(body)-1], more)
}

const more = "……"

// paramOf is a message of sampleMarkdown as msgParam.
func paramOf(title, text string) string {
	raw, _ := encode(struct { // two strings always encode
		Title string `json:"title"`
		Text  string `json:"text"`
	}{title, text})
	return string(raw)
}

// called is the line by which somebody is called.
func (f form) called(lang string) string {
	name := inert(cutBytes(f.name, maxTitle))
	switch {
	case f.at != "":
		return "@" + f.at
	case f.name == "":
		return ""
	case f.aside && lang == "en":
		return "**" + name + "** (told in a one-to-one chat, too)"
	case f.aside:
		return "**" + name + "**（已同时单聊通知）"
	}
	return "**" + name + "**"
}

// typed shows how the buttons are typed.
func typed(buttons []card.Button, lang string, direct bool) string {
	head, colon, at, words := "可以这样回复：", "：", "@安全管家 ", "您的话"
	if lang == "en" {
		head, colon, at, words = "You can answer:", ": ", "@Butler ", "your words"
	}
	if direct {
		at = ""
	}
	lines := []string{head}
	for _, b := range buttons {
		line := inertAfter(b.Label) + colon + at + inert(b.Command)
		if b.Asks {
			line += " " + words
		}
		lines = append(lines, line)
	}
	if len(lines) == 1 {
		return ""
	}
	return strings.Join(lines, brk)
}

// links are addresses of ours; nothing of people stands in them.
func links(all []card.Link) string {
	var out []string
	for _, l := range all {
		if pageLink(l) {
			out = append(out, "["+inert(l.Label)+"]("+l.URL+")")
		}
	}
	return strings.Join(out, brk)
}

func pageLink(l card.Link) bool {
	return strings.TrimSpace(l.Label) != "" && strings.HasPrefix(l.URL, "https://") && !strings.ContainsAny(l.URL, " ()<>\n") && len(l.URL) <= maxValue
}

// blocks words the lines in order: fields that follow each other are a paragraph,
// items a list, the lines of a quote stay a quote.
func blocks(lines []card.Line, lang string) []string {
	var out []string
	for i := 0; i < len(lines); {
		n := 1
		for i+n < len(lines) && lines[i+n].Kind == lines[i].Kind && lines[i].Kind != card.Quote && lines[i].Kind != card.Text {
			n++
		}
		run := lines[i : i+n]
		i += n
		var words []string
		for _, l := range run {
			if w := lineOf(l, lang); w != "" {
				words = append(words, w)
			}
		}
		if len(words) == 0 {
			continue
		}
		join := brk
		if run[0].Kind == card.Item {
			join = "\n"
		}
		out = append(out, strings.Join(words, join))
	}
	return out
}

// lineOf words one line.
func lineOf(l card.Line, lang string) string {
	text := inert(l.Text)
	switch {
	case strings.TrimSpace(text) == "":
		return ""
	case l.Kind == card.Field && strings.TrimSpace(l.Label) == "":
		return text
	case l.Kind == card.Field && lang == "en":
		return "**" + inert(l.Label) + ":** " + inertAfter(l.Text)
	case l.Kind == card.Field:
		return "**" + inert(l.Label) + "：** " + inertAfter(l.Text)
	case l.Kind == card.Quote:
		return "> " + strings.ReplaceAll(text, "\n", "  \n> ")
	case l.Kind == card.Item:
		return "- " + strings.ReplaceAll(text, "\n", " ")
	}
	return strings.ReplaceAll(text, "\n", brk)
}

// params words a card as the parameters of the card template (card.template.json).
// Every slot is written, empty ones too: an update by key would leave there what
// stood there before. All values are strings of at most 1 KB.
func params(c card.Card, f form) map[string]string {
	m := map[string]string{
		"title": cutBytes(oneLine(c.Tone.Mark()+c.Title), maxValue),
		"tone":  string(c.Tone), "lang": c.Lang,
		"mention": "", "hint": "",
		"foot": cutBytes(oneLine(c.Foot), maxValue),
	}
	if f.name != "" {
		m["mention"] = cutBytes("@"+oneLine(f.name), maxValue)
	}
	var pressed, asked, over []card.Button
	for _, b := range c.Buttons {
		switch {
		case strings.TrimSpace(b.Label) == "":
		case len(b.Command) > maxValue: // a click must type exactly what it says
			over = append(over, b)
		case b.Asks && len(asked) < askSlots:
			asked = append(asked, b)
		case !b.Asks && len(pressed) < buttonSlots:
			pressed = append(pressed, b)
		default:
			over = append(over, b)
		}
	}
	picture := nonEmpty(chartBlock(c.Chart, f.picture)) // has a slot of its own, in which nothing parts it
	body := append(pack(concat(blocks(c.Lines, c.Lang), nonEmpty(typed(over, c.Lang, f.direct))), bodySlots-len(picture)), picture...)
	for i := range bodySlots {
		m[fmt.Sprint("body", i+1)] = at(body, i)
	}
	for i := range buttonSlots {
		b := at(pressed, i)
		slot := fmt.Sprint("b", i+1)
		m[slot], m[slot+"_command"], m[slot+"_style"] = cutBytes(b.Label, maxValue), b.Command, b.Style
	}
	for i := range askSlots {
		b := at(asked, i)
		slot := fmt.Sprint("a", i+1)
		m[slot], m[slot+"_command"] = cutBytes(b.Label, maxValue), b.Command
	}
	if len(asked) > 0 {
		m["hint"] = hints[c.Lang]
	}
	var pages []card.Link
	for _, l := range c.Links {
		if pageLink(l) {
			pages = append(pages, l)
		}
	}
	for i := range linkSlots {
		l := at(pages, i)
		slot := fmt.Sprint("link", i+1)
		m[slot], m[slot+"_url"] = cutBytes(l.Label, maxValue), l.URL
	}
	return m
}

// hints stand in the empty input of a card.
var hints = map[string]string{"zh-CN": "写好后点下面的按钮", "en": "Write here, then press a button below"}

// pack fills slots with blocks in order. A block that is too long for a slot is
// parted at a sensible place; what no slot has room for is left out with a mark.
func pack(blocks []string, slots int) []string {
	var out []string
	for _, b := range blocks {
		for _, part := range split(b, maxValue) {
			if n := len(out); n > 0 && len(out[n-1])+len("\n\n")+len(part) <= maxValue {
				out[n-1] += "\n\n" + part
				continue
			}
			out = append(out, part)
		}
	}
	if len(out) > slots {
		out = out[:slots]
		last := split(out[slots-1], maxValue-len("\n\n"+more))
		out[slots-1] = last[0] + "\n\n" + more
	}
	return out
}

// split parts text into pieces of at most n bytes at sensible places: the end of a
// line, of a sentence, of a word. A quote stays a quote.
func split(s string, n int) []string {
	quote := ""
	if strings.HasPrefix(s, "> ") {
		quote = "> "
	}
	var out []string
	for s = strings.TrimRightFunc(s, unicode.IsSpace); s != ""; {
		if len(s) <= n {
			return append(out, s)
		}
		end := whole(s, n)
		for _, seams := range []string{"\n", "。！？；!?;", "，、, "} {
			if i := strings.LastIndexAny(s[:end], seams); i > end/2 {
				_, size := utf8.DecodeRuneInString(s[i:])
				end = i + size
				break
			}
		}
		out = append(out, strings.TrimRightFunc(s[:end], unicode.IsSpace))
		s = strings.TrimLeftFunc(s[end:], unicode.IsSpace)
		if s != "" && !strings.HasPrefix(s, quote) {
			s = quote + s
		}
	}
	return out
}

// whole is the most bytes of s up to n that part no character, nor it from its
// accents or its joiner.
func whole(s string, n int) int {
	end := n
	for end > 0 {
		next, _ := utf8.DecodeRuneInString(s[end:])
		last, size := utf8.DecodeLastRuneInString(s[:end])
		if utf8.RuneStart(s[end]) && !unicode.Is(unicode.M, next) && last != '\u200d' && next != '\u200d' {
			return end
		}
		end -= size
	}
	return n
}

// cutBytes returns s in at most n bytes, the end an ellipsis where something is
// missing.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.TrimRightFunc(s[:whole(s, n-len("…"))], unicode.IsSpace) + "…"
}

// cutRunes returns s in at most n characters.
func cutRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func concat(all ...[]string) []string {
	var out []string
	for _, a := range all {
		out = append(out, a...)
	}
	return out
}

// at is an element, or nothing beyond the end.
func at[T any](all []T, i int) (none T) {
	if i < len(all) {
		return all[i]
	}
	return none
}
