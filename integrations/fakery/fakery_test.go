package fakery

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// The sockets and the judge are tested by the fakes that use them.

// served is a server whose calls fail as planted, and what of them was done.
func served(t *testing.T, mu *Monitor, faults *Faults) (url string, done *[]string) {
	t.Helper()
	done = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		f := faults.Find(r.URL.Path, r.URL.Query().Get("about"))
		mu.Unlock()
		if !f.Before(w, r) {
			return
		}
		mu.Lock()
		*done = append(*done, r.URL.RequestURI())
		mu.Bump()
		mu.Unlock()
		f.Behind(w, r)
	}))
	t.Cleanup(func() {
		mu.Close()
		s.Close()
	})
	return s.URL, done
}

// get is the status of an answer; 0 when the connection ended without one.
func get(t *testing.T, url string) int {
	t.Helper()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}} // one that is kept may be tried again
	answer, err := client.Get(url)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestACallFailsAsPlanted(t *testing.T) {
	mu := NewMonitor(t, "fake")
	faults := NewFaults(mu)
	url, done := served(t, mu, faults)
	for _, c := range []struct {
		what  string
		fault Fault
		calls string // what is called, one after the other
		want  []int
		done  int
	}{
		{"once", Says(503, "{}"), "/a /a", []int{503, 200}, 1},
		{"another name", Says(503, "{}"), "/b", []int{200}, 1},
		{"twice, after one", Says(429, "{}").Times(2).After(1), "/a /a /a /a", []int{200, 429, 429, 200}, 2},
		{"about one thing", Says(403, "{}").In("x"), "/a?about=y /a?about=x", []int{200, 403}, 1},
		{"another status", Says(403, "{}").As(418), "/a", []int{418}, 0},
		{"not done, no answer", DropsBefore(), "/a", []int{0}, 0},
		{"done, no answer", DropsAfter(), "/a", []int{0}, 1},
		{"part of the work", Partly("all but one"), "/a", []int{200}, 1},
	} {
		Set(mu, done, nil)
		p := faults.Plant("/a", c.fault)
		var got []int
		for _, call := range strings.Fields(c.calls) {
			got = append(got, get(t, url+call))
		}
		if !slices.Equal(got, c.want) || len(Get(mu, done)) != c.done {
			t.Errorf("%s: %v and %d done, want %v and %d", c.what, got, len(Get(mu, done)), c.want, c.done)
		}
		p.Lift()
	}
}

func TestTheLastPlantedComesFirst(t *testing.T) {
	mu := NewMonitor(t, "fake")
	faults := NewFaults(mu)
	url, _ := served(t, mu, faults)
	always := faults.Plant("*", Says(500, "").Always())
	faults.Plant("/a", Says(503, ""))
	if a, b, c := get(t, url+"/a"), get(t, url+"/a"), get(t, url+"/b"); a != 503 || b != 500 || c != 500 {
		t.Errorf("the answers are %d, %d, %d", a, b, c)
	}
	always.Lift()
	if got := get(t, url+"/a"); got != 200 || always.Hits() != 2 {
		t.Errorf("lifted, it is %d after %d hits", got, always.Hits())
	}
}

// A Release right behind the hit is not missed, though the call may not wait yet.
func TestACallHangsUntilReleased(t *testing.T) {
	mu := NewMonitor(t, "fake")
	faults := NewFaults(mu)
	url, done := served(t, mu, faults)
	for _, f := range []Fault{Hangs(), HangsAfter()} {
		Set(mu, done, nil)
		p := faults.Plant("/a", f)
		answered := make(chan int)
		go func() { answered <- get(t, url+"/a") }()
		p.Hit(1)
		faults.Release()
		if got := <-answered; got != 200 || len(Get(mu, done)) != 1 {
			t.Errorf("released, it is answered with %d and was done %d times", got, len(Get(mu, done)))
		}
	}
}

func TestAShelfDeliversInAnyOrder(t *testing.T) {
	mu := NewMonitor(t, "fake")
	var got []string
	s := NewShelf(mu, func(d string) { got = append(got, d) })
	put := func(all ...string) {
		mu.Lock()
		defer mu.Unlock()
		for _, d := range all {
			if !s.Holds(d) {
				got = append(got, d)
			}
		}
	}
	put("at once")
	s.Hold()
	put("a", "b", "c", "d")
	if s.Held() != 4 || len(got) != 1 {
		t.Errorf("%d are held, and delivered are %v", s.Held(), got)
	}
	s.Flush(2, 0)
	put("later")
	if want := []string{"at once", "c", "a", "b", "d", "later"}; !slices.Equal(got, want) {
		t.Errorf("delivered are %v, want %v", got, want)
	}
}

// Whoever waits hears of every change, and of the end of their patience.
func TestWaiting(t *testing.T) {
	mu := NewMonitor(t, "fake")
	mu.Patience = 5 * time.Second
	n := 0
	go func() {
		for range 3 {
			mu.Lock()
			n++
			mu.Bump()
			mu.Unlock()
		}
	}()
	if !mu.Until(func() bool { return n == 3 }) {
		t.Error("it was not heard")
	}
	if mu.Within(time.Millisecond, func() bool { return n == 4 }) {
		t.Error("what never came was heard")
	}
	before := mu.Now()
	mu.Skip(time.Hour)
	if ahead := mu.Now().Sub(before); ahead < time.Hour || ahead > time.Hour+time.Minute {
		t.Errorf("the clock went ahead by %v", ahead)
	}
}

func TestAClosedFakeIsQuiet(t *testing.T) {
	r := &Recorder{TB: t}
	mu := NewMonitor(r, "fake")
	mu.Complain("number %d", 1)
	if !mu.Close() || mu.Close() {
		t.Error("it closes once")
	}
	mu.Complain("number %d", 2)
	if got := r.Heard(); !slices.Equal(got, []string{"fake: number 1"}) {
		t.Errorf("heard: %q", got)
	}
}
