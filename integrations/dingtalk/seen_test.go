package dingtalk

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"butler/bot/chat"
)

func TestWhatFailedMayComeAgain(t *testing.T) {
	var s seen
	name := known{"said/m1", seenFor}
	o, mine := s.begin(noon, name)
	if copied, too := s.begin(noon, name); !mine || too || copied != o {
		t.Fatal("a copy is worked on as well")
	}
	s.end(o, errAway)
	o, mine = s.begin(noon, name)
	if !mine {
		t.Fatal("what failed is not tried again")
	}
	s.end(o, &chat.Declined{Text: "no"})
	if _, mine := s.begin(noon.Add(seenFor-time.Second), name); mine {
		t.Error("it is forgotten within its time")
	}
	if _, mine := s.begin(noon.Add(seenFor), name); !mine {
		t.Error("it is known for ever")
	}
}

func TestAClickIsKnownByTwoNames(t *testing.T) {
	var s seen
	o, _ := s.begin(noon, known{"press/p1", seenFor}, known{"press/same", pressFor})
	s.end(o, nil)
	if _, mine := s.begin(noon.Add(pressFor-1), known{"press/p2", seenFor}, known{"press/same", pressFor}); mine {
		t.Error("a double click is two")
	}
	if _, mine := s.begin(noon.Add(time.Minute), known{"press/p1", seenFor}, known{"press/same", pressFor}); mine {
		t.Error("the push is forgotten with the click")
	}
	if _, mine := s.begin(noon.Add(time.Minute), known{"press/p3", seenFor}, known{"press/same", pressFor}); !mine {
		t.Error("nobody can press twice in a minute")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var s seen
	for i := range 2 * maxSeen {
		o, _ := s.begin(noon, known{fmt.Sprint(i), seenFor})
		s.end(o, nil)
	}
	if len(s.all) > maxSeen || len(s.order) > maxSeen {
		t.Errorf("%d are remembered", len(s.all))
	}
	if _, mine := s.begin(noon, known{fmt.Sprint(2*maxSeen - 1), seenFor}); mine {
		t.Error("the newest is forgotten")
	}
	var w sessions
	for i := range 2 * maxSessions {
		w.note(room(fmt.Sprint(i)), "https://x", noon.Add(time.Duration(i+1)*time.Minute), noon)
	}
	if len(w.all) != maxSessions {
		t.Errorf("%d webhooks are remembered", len(w.all))
	}
	if _, ok := w.of(room(fmt.Sprint(2*maxSessions-1)), noon); !ok {
		t.Error("the one that lives longest is forgotten")
	}
}

func TestAWebhookLives(t *testing.T) {
	var w sessions
	w.note(room(front), "https://new", noon.Add(90*time.Minute), noon)
	w.note(room(front), "https://old", noon.Add(80*time.Minute), noon) // heard out of order
	w.note(room(back), "https://over", noon, noon)
	w.note(room(back), "", noon.Add(time.Hour), noon)
	if url, ok := w.of(room(front), noon.Add(88*time.Minute)); !ok || url != "https://new" {
		t.Errorf("after 88 minutes: %q, %v", url, ok)
	}
	if _, ok := w.of(room(front), noon.Add(89*time.Minute)); ok {
		t.Error("it is used until its last moment")
	}
	if _, ok := w.of(room(back), noon); ok {
		t.Error("one that is over is used")
	}
	w.forget(room(front), "https://old")
	if _, ok := w.of(room(front), noon); !ok {
		t.Error("another one than was refused is forgotten")
	}
	w.forget(room(front), "https://new")
	if _, ok := w.of(room(front), noon); ok {
		t.Error("one that was refused is used again")
	}
}

func TestALaneIsInTheOrderOfItsPeople(t *testing.T) {
	heard := make(chan string, 4)
	l := lanes{work: func(j *job) { heard <- j.message.ID; j.end(nil) }}
	for i, at := range []int{2, 0, 3, 1} { // as goroutines may bring them
		l.put("room", &job{message: chat.Message{ID: fmt.Sprint(at), SentAt: noon.Add(time.Duration(at) * time.Second)}, end: func(error) {}})
		if i == 3 {
			l.running.Wait()
		}
	}
	if got := <-heard + <-heard + <-heard + <-heard; got != "0123" {
		t.Errorf("heard %s", got)
	}
	if len(l.all) != 0 || l.waiting != 0 {
		t.Errorf("%d lanes are left, and %d wait", len(l.all), l.waiting)
	}
}

func TestReasonsAreOneCleanLine(t *testing.T) {
	for given, want := range map[string]string{
		`{"requestid":"1","code":"authFailed","message":"鉴权失败"}`: "authFailed: 鉴权失败",
		"<html><body>\n504 Gateway Time-out</body></html>":       "it answers with a page instead of data",
		`parse "ws://h/connect?ticket=abc def": bad`:             `parse "ws://h/connect?ticket=… def": bad`,
		"a\nb   c":               "a b c",
		strings.Repeat("很", 500): strings.Repeat("很", 159) + "…",
	} {
		if got := clean(errors.New(given)); got != want {
			t.Errorf("%q is %q, want %q", given, got, want)
		}
	}
	if got := clean(&url.Error{Op: "Get", URL: "https://h/?ticket=abc", Err: errAway}); strings.Contains(got, "abc") {
		t.Errorf("a ticket is shown: %s", got)
	}
}

func TestReadyNamesTheFirstTrouble(t *testing.T) {
	var h health
	h.broke("b", "second")
	h.broke("a", "first")
	if got := h.line(); got != "dingtalk: is not connected yet" {
		t.Errorf("at first: %q", got)
	}
	h.up()
	if got := h.line(); got != "dingtalk: first" {
		t.Errorf("connected: %q", got)
	}
	h.works("a")
	h.works("b")
	if got := h.line(); got != "" {
		t.Errorf("mended: %q", got)
	}
}
