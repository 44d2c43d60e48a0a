package openai

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/desk"
	"butler/integrations/openai/openaifake"
)

const key = "sk-test-4f1c9b7d2e6a8053"

var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, china)

// house is an advisor at a fake endpoint, with a clock and a log of its own.
type house struct {
	*Advisor
	e *openaifake.Endpoint

	mu     sync.Mutex
	now    time.Time
	waited []time.Duration
	log    bytes.Buffer
}

// Write takes a line of the log.
func (h *house) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.Write(p)
}

func (h *house) logged() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.String()
}

func (h *house) skip(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func newHouse(t *testing.T, change ...func(*Options)) *house {
	h := &house{e: openaifake.New(t), now: monday}
	o := Options{BaseURL: h.e.URL(), APIKey: key, Model: "fake", Timeout: time.Minute,
		Now: func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now },
		Log: slog.New(slog.NewTextHandler(h, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, c := range change {
		c(&o)
	}
	h.Advisor = New(o)
	h.wait = func(ctx context.Context, d time.Duration) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.waited = append(h.waited, d)
		return ctx.Err()
	}
	return h
}

// question is one a desk asks.
func question() bot.Question {
	return bot.Question{ID: "acme/3", Text: "数据库主机弹出勒索提示，文件都打不开了", Before: []string{"早上好"}, Lang: "zh-CN", BackLang: "zh-CN",
		Edition: "企业版", Verdict: desk.Verdict{Label: "incident", Confidence: 0.6, Why: "‘勒索’"}, Unsure: true}
}

const good = `{"why":"‘勒索提示’和‘文件都打不开’","label":"incident","urgent":true,"severity":"none","category":"malware","confidence":0.95,"summary":"数据库主机疑似被勒索软件加密，范围未知。","draft":"收到，请先断开这台主机的网络，不要关机。还有别的主机受影响吗？"}`

func mustAdvise(t *testing.T, h *house) bot.Advice {
	t.Helper()
	a, err := h.Advise(t.Context(), question())
	if err != nil {
		t.Fatalf("no advice: %v", err)
	}
	return a
}

// mustBeAway asks and wants *bot.Unavailable.
func mustBeAway(t *testing.T, h *house) *bot.Unavailable {
	t.Helper()
	_, err := h.Advise(t.Context(), question())
	var away *bot.Unavailable
	if !errors.As(err, &away) {
		t.Fatalf("the error is %v; it should be *bot.Unavailable", err)
	}
	return away
}

func TestAGoodAnswerBecomesAdvice(t *testing.T) {
	h := newHouse(t)
	h.e.Answer(openaifake.Says(good))
	a := mustAdvise(t, h)
	want := bot.Advice{Verdict: desk.Verdict{Label: "incident", Urgent: true, Category: desk.Malware, Confidence: 0.95, Why: "‘勒索提示’和‘文件都打不开’"},
		Summary: "数据库主机疑似被勒索软件加密，范围未知。", Draft: "收到，请先断开这台主机的网络，不要关机。还有别的主机受影响吗？", Model: "fake-1", Tokens: 100}
	if a.Verdict.Why != want.Verdict.Why || a.Verdict.Label != want.Verdict.Label || !a.Verdict.Urgent || a.Verdict.Category != want.Verdict.Category ||
		a.Verdict.Confidence != want.Verdict.Confidence || a.Summary != want.Summary || a.Draft != want.Draft || a.Model != want.Model || a.Tokens != want.Tokens {
		t.Errorf("the advice is\n\t%+v\nand should be\n\t%+v", a, want)
	}
	r := h.e.Last()
	switch {
	case r.Path != "/v1/chat/completions":
		t.Errorf("the question went to %s", r.Path)
	case r.Header.Get("Authorization") != "Bearer "+key:
		t.Error("the question went without the key")
	case r.Asks.Temperature == nil || *r.Asks.Temperature <= 0 || *r.Asks.Temperature > 1e-6:
		t.Errorf("the temperature that was sent is %v; 0 would not be sent at all", r.Asks.Temperature)
	case r.Format() != "json_schema" || r.Asks.MaxTokens != answerTokens:
		t.Errorf("the form is %q, the limit %d", r.Format(), r.Asks.MaxTokens)
	}
	if h.Count.Answered.Load() != 1 || h.Count.Tokens.Load() != 100 {
		t.Errorf("answered %d, tokens %d", h.Count.Answered.Load(), h.Count.Tokens.Load())
	}
}

func TestReasoningModelsAreAskedTheirWay(t *testing.T) {
	for _, model := range []string{"o3-mini", "gpt-5-mini", "gpt-6-sol"} {
		h := newHouse(t, func(o *Options) { o.Model = model })
		h.e.Answer(openaifake.Says(good))
		mustAdvise(t, h)
		if r := h.e.Last().Asks; r.Temperature != nil || r.MaxTokens != 0 || r.MaxCompletionTokens != reasoningTokens {
			t.Errorf("%s was asked with temperature %v, max_tokens %d, max_completion_tokens %d", model, r.Temperature, r.MaxTokens, r.MaxCompletionTokens)
		}
	}
}

// An endpoint that does not take a thing is asked without it, and the next
// question begins there.
func TestWhatAnEndpointDoesNotTakeIsLeftOut(t *testing.T) {
	no := func(status int, message string) openaifake.Answer {
		return openaifake.Status(status, `{"error":{"message":"`+message+`","type":"invalid_request_error"}}`)
	}
	for name, c := range map[string]struct {
		answers []openaifake.Answer
		formats string
		check   func(openaifake.Request) bool
	}{
		"no json_schema": {[]openaifake.Answer{no(400, "This response_format type is unavailable now")}, "json_schema json_object", nil},
		"no format at all": {[]openaifake.Answer{no(400, "'response_format.type' must be one of text"), no(422, "json_object is not supported")},
			"json_schema json_object ", nil},
		"an unnamed reasoning model": {[]openaifake.Answer{no(400, "Unsupported parameter: 'max_tokens' is not supported with this model.")}, "json_schema json_schema",
			func(r openaifake.Request) bool { return r.Asks.Temperature == nil && r.Asks.MaxCompletionTokens > 0 }},
		"a Qwen3 that thinks": {[]openaifake.Answer{openaifake.Status(400, `{"code":"InvalidParameter","message":"parameter.enable_thinking must be set to false for non-streaming calls"}`)},
			"json_schema json_schema", func(r openaifake.Request) bool { return r.Asks.EnableThinking != nil && !*r.Asks.EnableThinking }},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.e.Answer(append(c.answers, openaifake.Says(good))...)
			mustAdvise(t, h)
			var formats []string
			for _, r := range h.e.Asked() {
				formats = append(formats, r.Format())
			}
			if got := strings.Join(formats, " "); got != c.formats {
				t.Errorf("it was asked for %q; it should have been %q", got, c.formats)
			}
			if c.check != nil && !c.check(h.e.Last()) {
				t.Errorf("the last request still has what is not taken: %s", h.e.Last().Body)
			}
			before := len(h.e.Asked())
			mustAdvise(t, h)
			if n := len(h.e.Asked()) - before; n != 1 {
				t.Errorf("the next question took %d requests: what the endpoint takes was forgotten", n)
			}
			if len(h.waited) > 0 {
				t.Errorf("it waited %v", h.waited)
			}
		})
	}
}

// A complaint that never ends does not end in a circle, changes nothing for the
// next question, and is this question's trouble alone.
func TestAnEndpointThatAlwaysComplains(t *testing.T) {
	h := newHouse(t)
	h.e.Answer(openaifake.Status(400, `{"error":{"message":"response_format temperature enable_thinking","code":"bad"}}`))
	for range 2 * failuresInARow {
		_, err := h.Advise(t.Context(), question())
		if err == nil || errors.As(err, new(*bot.Unavailable)) {
			t.Fatalf("the error is %v", err)
		}
	}
	if n := len(h.e.Asked()); n != 5*2*failuresInARow {
		t.Errorf("%d requests", n)
	}
	if h.manner != (manner{}) {
		t.Errorf("it remembered %+v, which never worked", h.manner)
	}
}

func TestManyAskAtOnce(t *testing.T) {
	h := newHouse(t)
	h.o.Timeout = 20 * time.Second
	ready := make(chan struct{})
	h.e.Answer(openaifake.Says(good).Once(ready))
	var wg sync.WaitGroup
	errs := make(chan error, 12)
	for range 12 {
		wg.Go(func() { _, err := h.Advise(t.Context(), question()); errs <- err })
	}
	for len(h.e.Asked()) < atOnce {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	if n := len(h.e.Asked()); n != atOnce {
		t.Errorf("%d requests at once; at most %d", n, atOnce)
	}
	close(ready)
	wg.Wait()
	for range 12 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestWhoWaitsTooLongForAPlaceIsToldSo(t *testing.T) {
	h := newHouse(t)
	for range atOnce {
		h.slots <- struct{}{}
	}
	h.o.Timeout = 10 * time.Millisecond
	if away := mustBeAway(t, h); !strings.Contains(away.Why, "on their way") {
		t.Errorf("why: %s", away.Why)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Advise(ctx, question()); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
