package slack

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
)

var (
	_ bot.Linker  = (*Platform)(nil)
	_ bot.Speaker = (*Platform)(nil)
)

// Voice is /butler claim 1: Slack takes no slash for itself but a registered one.
func (p *Platform) Voice() card.Voice { return card.Umbrella }

// Link opens a message, without asking Slack: https://team.slack.com/archives/C1/p…
// It is "" for a one-to-one chat, whose channel is not known here, for what is no
// ts, and before Slack has said where the workspace is.
func (p *Platform) Link(room chat.Room, ref string) string {
	me := p.self.Load()
	if me == nil || !strings.HasPrefix(me.url, "https://") || room.Direct || !channelID.MatchString(room.ID) || !stamp.MatchString(ref) {
		return ""
	}
	return strings.TrimSuffix(me.url, "/") + "/archives/" + room.ID + "/p" + strings.Replace(ref, ".", "", 1)
}

var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{1,30}$`)

// Limits of Block Kit (docs.slack.dev/reference/block-kit/blocks), in
// characters. An astral character counts twice here: Slack does not say which
// way it counts, and this way is never too long.
const (
	maxBlocks  = 50
	maxHeader  = 150
	maxSection = 3000
	maxField   = 2000
	maxButtons = 25
	maxLabel   = 75
	maxValue   = 2000
	maxFoot    = 2000
	maxURL     = 3000
	maxText    = 8000 // of the plain text; Slack cuts at 40,000
)

// pressID begins the action id of every button of ours; what else is pressed in
// a message is not for us. linkID begins those that only open a page: Slack tells
// of the click all the same.
const (
	pressID = "butler.press."
	linkID  = "butler.link."
)

// shown is a card as Slack takes it: the plain text for notifications and for
// clients without blocks, and the blocks.
type shown struct {
	text   string
	blocks []slack.Block
}

// render words a card in Block Kit. Words of people stand only in plain_text and
// rich_text elements, which Slack never interprets; where mrkdwn is needed they
// are made inert. person is the user id to mention, "" for nobody; name is
// written where the id is none; file is the picture of the card's chart, "" where
// its words have to do.
func render(c card.Card, person, name, file string) shown {
	head := []slack.Block{}
	if title := c.Tone.Mark() + c.Title; title != "" {
		head = append(head, slack.NewHeaderBlock(plain(cut(title, maxHeader))))
	}
	who := mention(person, name)
	if who != "" {
		head = append(head, slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, who, false, true), nil, nil))
	}
	tail := append(chart(c.Chart, file), actions(c.Buttons, c.Links)...)
	if c.Foot != "" {
		tail = append(tail, slack.NewContextBlock("", plain(cut(c.Foot, maxFoot))))
	}
	body := within(lines(c.Lines, c.Lang), maxBlocks-len(head)-len(tail))
	text := cut(inert(c.String()), maxText)
	if who != "" {
		text = who + " " + text
	}
	return shown{text, append(append(head, body...), tail...)}
}

// within is the first blocks of a body, and an ellipsis where some are left out.
func within(body []slack.Block, room int) []slack.Block {
	if len(body) <= room {
		return body
	}
	return append(body[:room-1:room-1], slack.NewSectionBlock(plain("……"), nil, nil))
}

var userID = regexp.MustCompile(`^[UW][A-Z0-9]{1,30}$`)

// mention is what notifies a person; their name where the id is no user id.
func mention(person, name string) string {
	switch {
	case person == "":
		return ""
	case userID.MatchString(person):
		return "<@" + person + ">"
	case name == "":
		name = person
	}
	return "@" + cut(inert(name), maxLabel)
}

// lines renders the lines in order; fields that follow each other share a
// section, items a paragraph.
func lines(all []card.Line, lang string) []slack.Block {
	var out []slack.Block
	for i := 0; i < len(all); {
		n := 1
		for i+n < len(all) && all[i+n].Kind == all[i].Kind {
			n++
		}
		run := all[i : i+n]
		i += n
		switch run[0].Kind {
		case card.Field:
			out = append(out, fields(run, colonOf(lang))...)
		case card.Item:
			texts := make([]string, len(run))
			for k, l := range run {
				texts[k] = "• " + l.Text
			}
			out = append(out, paragraphs(strings.Join(texts, "\n"))...)
		case card.Quote:
			for _, l := range run {
				for _, part := range split(l.Text, maxSection) {
					out = append(out, quote(part))
				}
			}
		default:
			for _, l := range run {
				out = append(out, paragraphs(l.Text)...)
			}
		}
	}
	return out
}

// fields shows each label in bold before its value, one below the other; the
// values are literal. What has no label is a paragraph.
func fields(run []card.Line, colon string) []slack.Block {
	var out []slack.Block
	var part []slack.RichTextSectionElement
	size := 0
	flush := func() {
		if len(part) > 0 {
			out = append(out, slack.NewRichTextBlock("", slack.NewRichTextSection(part...)))
			part, size = nil, 0
		}
	}
	for _, l := range run {
		label, value := cut(oneLine(l.Label), maxLabel), cut(l.Text, maxField)
		if label == "" {
			flush()
			out = append(out, paragraphs(l.Text)...)
			continue
		}
		if size += length(label) + length(value); size > maxSection {
			flush()
			size = length(label) + length(value)
		}
		if len(part) > 0 {
			part = append(part, slack.NewRichTextSectionTextElement("\n", nil))
		}
		part = append(part, slack.NewRichTextSectionTextElement(label+colon, &slack.RichTextSectionTextStyle{Bold: true}))
		if value != "" {
			part = append(part, slack.NewRichTextSectionTextElement(value, nil))
		}
	}
	flush()
	return out
}

// colonOf stands between a label and its value.
func colonOf(lang string) string {
	if lang == "en" {
		return ": "
	}
	return "："
}

func paragraphs(text string) []slack.Block {
	var out []slack.Block
	for _, part := range split(text, maxSection) {
		out = append(out, slack.NewSectionBlock(plain(part), nil, nil))
	}
	return out
}

// quote shows somebody's words literally, set apart: they cannot pass for lines
// of the card.
func quote(text string) slack.Block {
	return slack.NewRichTextBlock("", &slack.RichTextQuote{
		Type:     slack.RTEQuote,
		Elements: []slack.RichTextSectionElement{slack.NewRichTextSectionTextElement(text, nil)},
	})
}

// actions are the buttons, and after them the links. A button whose command Slack
// would cut is left out, for a click must type exactly what it says; so is a link
// that does not lead to a page.
func actions(buttons []card.Button, links []card.Link) []slack.Block {
	var all []slack.BlockElement
	for i, b := range buttons {
		if strings.TrimSpace(b.Label) == "" || length(b.Command) > maxValue {
			continue
		}
		e := slack.NewButtonBlockElement(pressID+strconv.Itoa(i), b.Command, plain(cut(b.Label, maxLabel)))
		if b.Style == "primary" || b.Style == "danger" {
			e.Style = slack.Style(b.Style)
		}
		all = append(all, e)
	}
	for i, l := range links {
		if strings.TrimSpace(l.Label) == "" || length(l.URL) > maxURL || !strings.HasPrefix(l.URL, "https://") {
			continue
		}
		all = append(all, slack.NewButtonBlockElement(linkID+strconv.Itoa(i), "", plain(cut(l.Label, maxLabel))).WithURL(l.URL))
	}
	var out []slack.Block
	for row := range slices.Chunk(all, maxButtons) {
		out = append(out, slack.NewActionBlock("", row...))
	}
	return out
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// inert makes text stand in mrkdwn as it is written: the three characters by
// which Slack knows mentions and links are escaped, and a character of no width
// stands behind each that begins a format. Only labels and the plain text need
// it, which nobody copies from; values are not touched.
func inert(s string) string { return inertly.Replace(s) }

var inertly = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;",
	"*", "*\u200b", "_", "_\u200b", "~", "~\u200b", "`", "`\u200b")

// length counts as the limits above do.
func length(s string) (n int) {
	for _, r := range s {
		n += width(r)
	}
	return n
}

func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// cut returns s in at most n characters, the last an ellipsis where something
// is missing.
func cut(s string, n int) string {
	if length(s) <= n {
		return s
	}
	first, _ := part(s, n-1)
	return strings.TrimRightFunc(first, unicode.IsSpace) + "…"
}

// split parts text into pieces of at most n characters at sensible places: the
// end of a line, of a sentence, of a word. Nothing but white space at a seam is
// lost.
func split(s string, n int) []string {
	var out []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if length(s) <= n {
			return append(out, s)
		}
		first, _ := part(s, n)
		end := len(first)
		for _, seams := range []string{"\n", "。！？!?；;", " ，,、"} {
			if i := strings.LastIndexAny(first, seams); i > len(first)/2 {
				_, size := utf8.DecodeRuneInString(first[i:])
				end = i + size
				break
			}
		}
		out = append(out, strings.TrimSpace(s[:end]))
		s = s[end:]
	}
	return out
}

// part returns the longest beginning of s with at most n characters that does
// not part a character from its accents or its joiner.
func part(s string, n int) (first, rest string) {
	end, safe := 0, 0
	joined := false
	for i, r := range s {
		if n -= width(r); n < 0 {
			break
		}
		if !unicode.Is(unicode.M, r) && r != '\u200d' && !joined {
			safe = i
		}
		joined = r == '\u200d'
		end = i + len(string(r))
	}
	if end < len(s) && safe > 0 {
		if next, _ := utf8.DecodeRuneInString(s[end:]); unicode.Is(unicode.M, next) || next == '\u200d' || joined {
			end = safe
		}
	}
	return s[:end], s[end:]
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
