package openai

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"

	api "github.com/sashabaranov/go-openai"

	"butler/bot"
	"butler/bot/desk"
)

// Limits of what is sent, in characters.
const (
	mostText    = desk.MaxText
	mostBefore  = 500 // of one earlier message
	mostEarlier = 6   // earlier messages, the last ones
	mostName    = 40  // of an edition
)

// Limits of an answer, in tokens. A reasoning model also thinks in them.
const (
	answerTokens    = 1500
	reasoningTokens = 6000
)

//go:embed prompts
var prompts embed.FS

func promptFile(name string) string {
	b, err := prompts.ReadFile("prompts/" + name)
	if err != nil {
		panic(err) // the binary was built without its own files
	}
	return strings.TrimSpace(string(b))
}

var (
	systemText   = map[string]string{"zh-CN": promptFile("system.zh-CN.txt"), "en": promptFile("system.en.txt")}
	languages    = map[string]map[string]string{"zh-CN": {"zh-CN": "简体中文", "en": "英文"}, "en": {"zh-CN": "Simplified Chinese", "en": "English"}}
	answerSchema = json.RawMessage(promptFile("answer.json"))
)

// prompt is a question as it is sent: our words, and those of people as data.
type prompt struct {
	system string
	data   string
	answer int64 // its longest, in tokens
}

// data is what the model is told. The question's id stays at home: it names the
// customer.
type data struct {
	Said    string   `json:"said"`
	Before  []string `json:"before,omitempty"`
	Edition string   `json:"edition,omitempty"`
	Rules   rules    `json:"rules"`
}

type rules struct {
	Label      string        `json:"label,omitempty"`
	Urgent     bool          `json:"urgent,omitempty"`
	Severity   desk.Severity `json:"severity,omitempty"`
	Category   desk.Category `json:"category,omitempty"`
	Confidence float64       `json:"confidence,omitempty"`
	Why        string        `json:"why,omitempty"`
	Unsure     bool          `json:"unsure,omitempty"`
}

// newPrompt words a question. The words of people stand as JSON on one line
// between two lines with a random boundary: they can neither begin a line nor
// guess the boundary, and nothing in them is a tag or a token of a chat template.
func newPrompt(q bot.Question) prompt {
	v := q.Verdict
	d := data{Said: outbound(q.Text, mostText), Edition: outbound(q.Edition, mostName),
		Rules: rules{v.Label, v.Urgent, v.Severity, v.Category, v.Confidence, outbound(v.Why, mostBefore), q.Unsure}}
	for _, s := range q.Before[max(0, len(q.Before)-mostEarlier):] {
		d.Before = append(d.Before, outbound(s, mostBefore))
	}
	boundary := newBoundary()
	house, front := tongue(q.BackLang), tongue(q.Lang)
	fill := strings.NewReplacer("{{boundary}}", boundary, "{{back}}", languages[house][house], "{{front}}", languages[house][front])
	return prompt{
		system: fill.Replace(systemText[house]),
		answer: answerTokens,
		data:   "DATA-" + boundary + "\n" + inert(d) + "\nEND-" + boundary,
	}
}

// newBoundary is a word that no text can know: 128 bits of chance.
func newBoundary() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (package crypto/rand)
	return hex.EncodeToString(b[:])
}

// tongue is the language of the house for one that has no words here.
func tongue(lang string) string {
	if _, ok := systemText[lang]; ok {
		return lang
	}
	return "zh-CN"
}

// bracketed are the tokens of chat templates that are written without angle
// brackets: [INST], [/INST], [TOOL_CALLS], [SYSTEM_PROMPT].
var bracketed = regexp.MustCompile(`\[(/?[A-Z_]{3,24}\])`)

// inert writes data as JSON on one line. Angle brackets come out as \u003c, so
// tags and <|im_end|> are letters to a server that reads templates in the text.
func inert(d data) string {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(d); err != nil {
		panic(err) // strings, numbers and booleans
	}
	return bracketed.ReplaceAllString(strings.TrimSpace(b.String()), `\u005b$1`)
}

// outbound is a text as it may leave the house: folded, masked, and not too long.
func outbound(text string, most int) string {
	text = hide(fold(text))
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return text
}

// estimate is what a question costs at most, in tokens: an upper bound for the
// tokenizers in use (a Chinese character is at most one and a half, three letters
// of English are about one) and the longest answer.
func (p prompt) estimate() int64 { return tokensOf(p.system) + tokensOf(p.data) + p.answer }

func tokensOf(s string) int64 {
	ascii, wide := 0, 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			ascii++
		} else {
			wide++
		}
	}
	return int64(ascii/3+wide*3/2) + 8
}

// messages are a prompt for the client.
func (p prompt) messages() []api.ChatCompletionMessage {
	return []api.ChatCompletionMessage{
		{Role: api.ChatMessageRoleSystem, Content: p.system},
		{Role: api.ChatMessageRoleUser, Content: p.data},
	}
}
