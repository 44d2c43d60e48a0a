package openai

import (
	"strings"
	"testing"
	"time"

	"butler/integrations/openai/openaifake"
)

func TestTheBreaker(t *testing.T) {
	h := newHouse(t)
	down := openaifake.Status(503, "")
	h.e.Answer(down)
	for range failuresInARow - 1 {
		if away := mustBeAway(t, h); away.After != 0 {
			t.Fatalf("it opened too early: %s", away.After)
		}
	}
	asked := func() int { return len(h.e.Asked()) }
	away := mustBeAway(t, h)
	if away.After < firstPause || away.After > firstPause*6/5 {
		t.Fatalf("open for %s", away.After)
	}
	n := asked()
	h.skip(firstPause - time.Second)
	mustBeAway(t, h)
	if asked() != n {
		t.Fatal("a question passed the open breaker")
	}

	// Each probe that fails doubles the pause, up to ten minutes.
	for want := 2 * firstPause; want < 40*lastPause; want *= 2 {
		h.skip(2 * lastPause)
		n := asked()
		away := mustBeAway(t, h)
		if pause := min(want, lastPause); away.After < pause || away.After > pause*6/5 {
			t.Fatalf("open for %s; it should be %s or a little more", away.After, pause)
		}
		if asked() != n+1+retries {
			t.Fatalf("%d requests by one probe", asked()-n)
		}
	}
	h.skip(2 * lastPause)
	h.e.Answer(openaifake.Says(good))
	mustAdvise(t, h)
	if !strings.Contains(h.logged(), "left alone") || !strings.Contains(h.logged(), "answers again") {
		t.Errorf("the log does not tell it:\n%s", h.logged())
	}
	h.e.Answer(down)
	if away := mustBeAway(t, h); away.After != 0 {
		t.Errorf("one failure after a success opened it for %s", away.After)
	}
}

func TestOneQuestionProbesForAll(t *testing.T) {
	b := breaker{}
	b.leave(pass{}, failing, &failure{why: "down", final: true}, monday)
	now := monday.Add(lastPause * 2)
	p, err := b.enter(now)
	if err != nil || !p.probe {
		t.Fatalf("the first one should probe: %v", err)
	}
	if _, err := b.enter(now); err == nil {
		t.Fatal("a second one passed while the first was finding out")
	}
	b.leave(p, unknown, nil, now) // its caller gave up
	if p, err = b.enter(now); err != nil || !p.probe {
		t.Fatalf("nobody probes any more: %v", err)
	}
	if pause, changed := b.leave(p, failing, &failure{why: "down"}, now); !changed || pause < lastPause {
		t.Fatalf("%s, %v", pause, changed)
	}
	// One that set out before the pause does not lengthen it, and may end it.
	if _, changed := b.leave(pass{}, failing, &failure{}, now); changed {
		t.Error("a straggler lengthened the pause")
	}
	if _, changed := b.leave(pass{}, working, nil, now); !changed || b.left(now) != 0 {
		t.Error("an answer did not close it")
	}
}

func TestWhatOnlyAnOperatorCanMendOpensAtOnce(t *testing.T) {
	h := newHouse(t)
	h.e.Answer(openaifake.Status(401, `{"error":{"message":"Incorrect API key provided: sk-te…8053","code":"invalid_api_key"}}`))
	if away := mustBeAway(t, h); away.After < lastPause {
		t.Errorf("after %s", away.After)
	}
	mustBeAway(t, h)
	if n := len(h.e.Asked()); n != 1 {
		t.Errorf("%d requests with a key that is not taken", n)
	}
}

// What a customer can bring about by words does not take the model from others.
func TestAnswersThatAreNotTakenDoNotOpenTheBreaker(t *testing.T) {
	for name, a := range map[string]openaifake.Answer{
		"nonsense":      openaifake.Says("haha"),
		"a refusal":     openaifake.Says("抱歉，我无法协助处理该请求。"),
		"filtered":      openaifake.Finished("", "content_filter"),
		"endless":       openaifake.Finished("{", "length"),
		"no choices":    openaifake.Whole(map[string]any{"choices": []any{}}),
		"not inspected": openaifake.Status(400, `{"code":"DataInspectionFailed","message":"x"}`),
		"a firewall":    openaifake.Status(413, ""),
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.e.Answer(a)
			for range 3 * failuresInARow {
				if _, err := h.Advise(t.Context(), question()); err == nil || strings.Contains(err.Error(), "not available") {
					t.Fatalf("the error is %v", err)
				}
			}
			if n := len(h.e.Asked()); n != 3*failuresInARow {
				t.Errorf("%d requests", n)
			}
		})
	}
}
