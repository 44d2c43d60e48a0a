package openai

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	api "github.com/sashabaranov/go-openai"

	"butler/bot"
	"butler/bot/desk"
	"butler/integrations/openai/openaifake"
)

// said is an answer with some fields changed: name, JSON, name, JSON …
func said(changes ...string) string {
	fields := [][2]string{{"why", `"‘勒索’"`}, {"label", `"incident"`}, {"urgent", "true"}, {"severity", `"none"`}, {"category", `"malware"`},
		{"confidence", "0.9"}, {"summary", `"一台主机被勒索。"`}, {"draft", `"请先断网，不要关机。"`}}
	var b strings.Builder
	for i, f := range fields {
		for j := 0; j+1 < len(changes); j += 2 {
			if changes[j] == f[0] {
				f[1] = changes[j+1]
			}
		}
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + `"` + f[0] + `":` + f[1])
	}
	return b.String() + "}"
}

func TestFormsOfAnAnswerThatAreTaken(t *testing.T) {
	plain := said()
	for name, text := range map[string]string{
		"bare":                  plain,
		"in a code block":       "```json\n" + plain + "\n```",
		"in a nameless block":   "```\n" + plain + "\n```",
		"words around it":       "好的，这是我的判断：\n" + plain + "\n如需更多信息请告诉我。",
		"braces in the words":   "The set {a, b} is not meant. {}: " + plain + " {done}",
		"thought aloud":         "<think>maybe {\"label\":\"chatter\"} but no</think>\n" + plain,
		"a byte order mark":     "\ufeff" + plain,
		"fields nobody asked":   strings.Replace(plain, "{", `{"command":"/close 1","to":["acme","globex"],"nested":{"label":"chatter"},`, 1),
		"said twice alike":      plain + "\n" + plain,
		"in a list":             "[" + plain + "]",
		"numbers in quotes":     said("confidence", `"0.9"`, "urgent", `"true"`),
		"capitals and blanks":   said("label", `" Incident "`, "category", `"MALWARE"`),
		"none as null":          said("severity", "null"),
		"line ends of windows":  strings.ReplaceAll(plain, ",", ",\r\n"),
		"severity with no need": said("severity", `"high"`),
	} {
		t.Run(name, func(t *testing.T) {
			a, err := read(&api.ChatCompletionChoice{Message: api.ChatCompletionMessage{Content: text}, FinishReason: "stop"}, question())
			if err != nil {
				t.Fatal(err)
			}
			v := a.Verdict
			if v.Label != "incident" || !v.Urgent || v.Category != desk.Malware || v.Severity != "" || v.Confidence != 0.9 || v.Why != "‘勒索’" ||
				a.Summary != "一台主机被勒索。" || a.Draft != "请先断网，不要关机。" {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestFormsOfAnAnswerThatAreNot(t *testing.T) {
	says := openaifake.Says
	message := func(fields map[string]any) openaifake.Answer { return openaifake.Message(fields, "stop") }
	for name, c := range map[string]struct {
		answer openaifake.Answer
		why    string
	}{
		"a refusal in words":      {says("I'm sorry, but I can't help with that."), "no JSON object"},
		"a refusal as a field":    {message(map[string]any{"role": "assistant", "refusal": "no"}), "refuses"},
		"no choices":              {openaifake.Whole(map[string]any{"choices": []any{}}), "no choices"},
		"an error inside a 200":   {openaifake.Status(200, `{"error":{"message":"busy"}}`), "no choices"},
		"null":                    {openaifake.Status(200, `null`), "no choices"},
		"no content":              {message(map[string]any{"role": "assistant", "content": nil}), "empty"},
		"blank content":           {says(" \n "), "empty"},
		"cut off":                 {openaifake.Finished(said(), "length"), "finish_reason length"},
		"filtered":                {openaifake.Finished(said(), "content_filter"), "content_filter"},
		"a tool call":             {openaifake.Message(map[string]any{"role": "assistant", "content": said(), "tool_calls": []any{map[string]any{"id": "1", "type": "function", "function": map[string]any{"name": "close_case", "arguments": "{}"}}}}, "stop"), "calls a tool"},
		"a function call":         {openaifake.Finished(said(), "function_call"), "calls a tool"},
		"half an object":          {says(said()[:60]), "in the middle of an object"},
		"half of one around one":  {says(`{"alternatives":[` + said("label", `"chatter"`) + `],"label":"inci`), "in the middle of an object"},
		"two answers":             {says(said() + said("label", `"chatter"`)), "two different answers"},
		"a field twice":           {says(strings.Replace(said(), `"label"`, `"label":"chatter","label"`, 1)), "twice"},
		"a text":                  {says(`"incident"`), "no JSON object"},
		"a list of words":         {says(`["incident"]`), "no JSON object"},
		"no label":                {says(`{"verdict":"chatter"}`), "no JSON object with a label"},
		"a label of its own":      {says(said("label", `"closed"`)), "label is none of incident, vulnerability"},
		"a label with a command":  {says(said("label", `"chatter\n/close 1"`)), "label is none of"},
		"a label as a number":     {says(said("label", "1")), "label is no text"},
		"a label as an object":    {says(said("label", `{"a":1}`)), "label is no text"},
		"urgent as a word":        {says(said("urgent", `"very"`)), "urgent is neither true nor false"},
		"urgent as a number":      {says(said("urgent", "1")), "urgent is neither"},
		"too sure":                {says(said("confidence", "1.5")), "confidence"},
		"less than unsure":        {says(said("confidence", "-0.1")), "confidence"},
		"sure beyond numbers":     {says(said("confidence", "1e999")), "confidence"},
		"sure in words":           {says(said("confidence", `"high"`)), "confidence"},
		"severity of its own":     {says(said("severity", `"critical"`)), "severity is none of high, medium, low"},
		"category of its own":     {says(said("category", `"ransomware"`)), "category is none of"},
		"a draft as a list":       {says(said("draft", `["a"]`)), "draft is no text"},
		"a summary as a number":   {says(said("summary", "7")), "summary is no text"},
		"a weakness of no weight": {says(said("label", `"vulnerability"`)), "no severity"},
		"nothing to say":          {says(said("label", `""`, "summary", `""`, "draft", `""`)), "says nothing"},
		"a very long answer":      {says(strings.Repeat("很长", 20000) + said()), "longer than 64 KB"},
		"deep nesting":            {says(`{"label":` + strings.Repeat("[", 20000)), ""},
		"many braces":             {says(strings.Repeat("{x", 20000)), "no JSON object"},
		"all at once":             {says(said("label", `"x"`, "severity", `"y"`, "confidence", "9")), "label is none of incident, vulnerability, consultation, policy, out_of_scope, chatter; severity is none of high, medium, low, none; confidence"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.e.Answer(c.answer)
			a, err := h.Advise(t.Context(), question())
			if err == nil || !strings.Contains(err.Error(), c.why) {
				t.Fatalf("%+v, %v; the error should say %q", a, err, c.why)
			}
			if a.Summary != "" || a.Draft != "" || a.Verdict.Label != "" {
				t.Errorf("an error and advice: %+v", a)
			}
			keepsSilent(t, h, err)
		})
	}
}

func TestWhatOfAnAnswerIsShown(t *testing.T) {
	long := strings.Repeat("长", 3000)
	for name, c := range map[string]struct {
		lang, back     string
		summary, draft string
		wantS, wantD   string
	}{
		"as it is":                  {"zh-CN", "zh-CN", "两台主机。", "请先断网。", "两台主机。", "请先断网。"},
		"a long summary":            {"zh-CN", "zh-CN", long, "请先断网。", long[:3*(mostSummary-1)] + "…", "请先断网。"},
		"a long draft":              {"zh-CN", "zh-CN", "两台主机。", long, "两台主机。", ""},
		"many lines":                {"zh-CN", "zh-CN", strings.Repeat("一行\\n", 50), strings.Repeat("一行\\n", 50), strings.TrimSpace(strings.Repeat("一行\n", summaryLines)) + "…", ""},
		"a draft of another tongue": {"zh-CN", "zh-CN", "两台主机。", "Please disconnect the host.", "两台主机。", ""},
		"each in its tongue":        {"en", "zh-CN", "两台主机。", "Please disconnect the host.", "两台主机。", "Please disconnect the host."},
		"a summary of another":      {"zh-CN", "zh-CN", "Two hosts are hit.", "请先断网。", "", "请先断网。"},
		"names in Chinese":          {"zh-CN", "zh-CN", "db-01 上的 Redis 被 CVE-2022-0543 利用，进程 kdevtmpfsi。", "请先断开 db-01 的网络。", "db-01 上的 Redis 被 CVE-2022-0543 利用，进程 kdevtmpfsi。", "请先断开 db-01 的网络。"},
		"Chinese quoted":            {"en", "en", "They say “数据库主机弹出勒索提示，文件都打不开了”.", "Please disconnect it.", "They say “数据库主机弹出勒索提示，文件都打不开了”.", "Please disconnect it."},
		"Russian":                   {"en", "en", "Два сервера.", "Пожалуйста.", "", ""},
		"letters nobody sees":       {"zh-CN", "zh-CN", "两\u200b台\u202e主机\u0007。", "请\u2066先\u0000断网。", "两台主机。", "请先断网。"},
		"piles of accents":          {"zh-CN", "zh-CN", "两台e" + strings.Repeat("\u0301", 40) + "主机。", "请先断网。", "两台e\u0301\u0301主机。", "请先断网。"},
		"a link in the draft":       {"zh-CN", "zh-CN", "见 http://evil.example/x 。", "请访问 https://evil.example 处理。", "见 hxxp://evil.example/x 。", ""},
		"a bare domain":             {"zh-CN", "zh-CN", "两台主机。", "请访问 evil-help.com 处理。", "两台主机。", ""},
		"markdown":                  {"zh-CN", "zh-CN", "两台主机。", "请[点这里](evil)处理。", "两台主机。", ""},
		"an address":                {"zh-CN", "zh-CN", "两台主机。", "请把日志发到 help@evil.example 。", "两台主机。", ""},
		"everybody":                 {"zh-CN", "zh-CN", "两台主机。", "@所有人 请立即断网。", "两台主机。", ""},
		"a channel of Slack":        {"zh-CN", "zh-CN", "两台主机。", "<!channel> 请立即断网。", "两台主机。", ""},
		"a command":                 {"zh-CN", "zh-CN", "两台主机。", "已处理。\\n/close 1", "两台主机。", ""},
		"a full-width command":      {"zh-CN", "zh-CN", "两台主机。", "已处理。\\n／关闭 1", "两台主机。", ""},
		"a sheet of its own":        {"zh-CN", "zh-CN", "两台主机。", "已处理。\\nbutton: 关闭 | /close 1", "两台主机。", ""},
		"everybody in words":        {"zh-CN", "zh-CN", "两台主机。", "请提醒所有人不要打开那封邮件。", "两台主机。", "请提醒所有人不要打开那封邮件。"},
		"a secret it made up":       {"zh-CN", "zh-CN", "密码是 Adm1n!2026x。", "请先断网。", "密码是 …。", "请先断网。"},
	} {
		t.Run(name, func(t *testing.T) {
			q := question()
			q.Lang, q.BackLang = c.lang, c.back
			a, err := read(&api.ChatCompletionChoice{Message: api.ChatCompletionMessage{Content: said("summary", `"`+c.summary+`"`, "draft", `"`+c.draft+`"`)}}, q)
			if strings.ContainsAny(c.summary+c.draft, "\u0000\u0007") { // JSON wants them escaped
				r := strings.NewReplacer("\u0000", `\u0000`, "\u0007", `\u0007`)
				a, err = read(&api.ChatCompletionChoice{Message: api.ChatCompletionMessage{Content: r.Replace(said("summary", `"`+c.summary+`"`, "draft", `"`+c.draft+`"`))}}, q)
			}
			if err != nil {
				t.Fatal(err)
			}
			if a.Summary != c.wantS || a.Draft != c.wantD {
				t.Errorf("summary %q, should be %q\ndraft %q, should be %q", a.Summary, c.wantS, a.Draft, c.wantD)
			}
		})
	}
}

// harmless lists what makes advice more than data.
func harmless(a bot.Advice) []string {
	var bad []string
	is := func(wrong bool, what string) {
		if wrong {
			bad = append(bad, what)
		}
	}
	v := a.Verdict
	switch v.Label {
	case "incident", "vulnerability", "consultation", "policy", "out_of_scope", "chatter", "":
	default:
		bad = append(bad, "a label of its own: "+v.Label)
	}
	switch v.Severity {
	case "", desk.High, desk.Medium, desk.Low:
	default:
		bad = append(bad, "a severity of its own")
	}
	switch v.Category {
	case "", desk.Malware, desk.NetworkAttack, desk.DataDestruction, desk.ContentSecurity:
	default:
		bad = append(bad, "a category of its own")
	}
	is(!(v.Confidence >= 0 && v.Confidence <= 1), "a confidence of its own")
	is(v.Label != "incident" && (v.Urgent || v.Category != ""), "an urgency without an incident")
	is(len(v.Assets) > 0 || v.Again || v.Elsewhere, "more than it was asked for")
	for _, f := range []struct {
		name, text string
		most       int
	}{{"why", v.Why, mostWhy}, {"summary", a.Summary, mostSummary + 1}, {"draft", a.Draft, mostDraft}, {"model", a.Model, 80}} {
		is(utf8.RuneCountInString(f.text) > f.most, f.name+" is too long")
		is(!utf8.ValidString(f.text), f.name+" is no text")
		is(strings.ContainsFunc(f.text, func(r rune) bool { return r != '\n' && unicode.Is(unicode.C, r) }), f.name+" holds letters nobody sees")
		is(scheme.MatchString(f.text), f.name+" holds a live link")
	}
	is(strings.Contains(v.Why+a.Model, "\n"), "why has several lines")
	is(strings.Count(a.Summary, "\n") >= summaryLines || strings.Count(a.Draft, "\n") >= draftLines, "too many lines")
	is(a.Draft != "" && !sendable(a.Draft), "the draft holds more than words: "+a.Draft)
	return bad
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{said(), "```json\n" + said() + "\n```", `{"label":"x"}`, "{", `{"label":null}`, said()[:40], `{"label":"chatter","label":"incident"}`, "<think>{</think>{}"} {
		f.Add(s, "stop", "zh-CN")
	}
	f.Fuzz(func(t *testing.T, text, reason, lang string) {
		q := question()
		q.Lang, q.BackLang = lang, lang
		a, err := read(&api.ChatCompletionChoice{Message: api.ChatCompletionMessage{Content: text}, FinishReason: api.FinishReason(reason)}, q)
		if bad := harmless(a); len(bad) > 0 {
			t.Errorf("%v: %q", bad, text)
		}
		if err != nil && (a.Summary != "" || a.Verdict.Label != "") {
			t.Error("an error and advice")
		}
	})
}

func choice(content string) api.ChatCompletionChoice {
	return api.ChatCompletionChoice{Message: api.ChatCompletionMessage{Role: "assistant", Content: content}, FinishReason: api.FinishReasonStop}
}

func BenchmarkRead(b *testing.B) {
	c, q := choice(good), question()
	for b.Loop() {
		if _, err := read(&c, q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewPrompt(b *testing.B) {
	q := question()
	q.Text = strings.Repeat("数据库主机 10.0.0.5 弹出勒索提示，文件都打不开了。", 100)
	for b.Loop() {
		newPrompt(q)
	}
}
