package desk_test

import (
	"testing"
	"time"

	"butler/bot/desk"
)

// unreached says that the platform will never deliver a ping to a person.
func unreached(rung int, person string) desk.Input {
	return desk.Input{Actor: system, Act: desk.Untold{Case: 1, Kind: desk.NPing, Room: desk.Direct, Person: person, Rung: &rung, Why: "left the workspace"}}
}

// TestReadConcernsItsCase: a receipt for the ping of one case does not count for
// another of the same person, nor one for a note for the ping.
func TestReadConcernsItsCase(t *testing.T) {
	m := newStory(t).at(0, urgently())
	key := m.told(desk.NPing, desk.Back).Key
	m.at(time.Second, urgently())
	read := func(key string) (out [2]bool) {
		d := desk.Decide(m.d, desk.Input{Act: desk.ReadBy{Key: key, Person: "zhang"}, Actor: system}, start.Add(time.Minute)).Next
		for i, c := range d.Cases {
			for _, p := range c.Rungs.Pings {
				out[i] = out[i] || p.Person == "zhang" && !p.Read.IsZero()
			}
		}
		return out
	}
	for key, want := range map[string][2]bool{
		key:               {true, false},
		"acme/1/note/9":   {false, false},
		"acme/9/ping/1":   {false, false},
		"somebody else's": {false, false},
		"":                {true, true}, // a platform that does not say which
	} {
		if got := read(key); got != want {
			t.Errorf("the receipt %q counts for %v, want %v", key, got, want)
		}
	}
}

// TestRungThatReachedNobody: when nobody is told of a rung the next is told at
// once, and so on up the ladder; the breach alone comes at its own time, and nobody
// whom the platform will not reach is asked again.
func TestRungThatReachedNobody(t *testing.T) {
	m := newStory(t)
	m.terms().TAM = "" // who would be told beside zhang
	m.at(0, urgently())
	same(t, "rung 0", m.tellings(), "back@zhang ping")
	m.at(10*time.Second, unreached(0, "zhang"))
	// Rung 1 is zhang's again: it is passed over.
	same(t, "zhang is gone", m.tellings(), "back@wang ping")
	m.at(20*time.Second, unreached(2, "wang"))
	same(t, "wang is gone", m.tellings(), "back ping, direct@chen ping")
	m.at(30*time.Second, unreached(3, "chen"))
	same(t, "chen is gone", m.tellings(), "back ping, direct@zhao ping")
	m.at(40*time.Second, unreached(3, "zhao"))
	same(t, "nobody is left", m.tellings(), "back warned")
	same(t, "until the breach", m.asks(15*time.Minute-time.Second), "")
	m.at(15*time.Minute, desk.Input{Act: desk.Woke{}, Actor: system})
	same(t, "the breach", m.tellings(), "back breached")
}

// TestOneOfTwoIsEnough: a rung of which somebody else was told waits for the next
// in peace.
func TestOneOfTwoIsEnough(t *testing.T) {
	m := newStory(t).at(0, urgently()).at(10*time.Second, unreached(0, "zhang")) // chen is the TAM
	same(t, "zhang is gone", m.tellings(), "")
	same(t, "the rungs after", m.asks(15*time.Minute-time.Second), "5m0s back@wang ping, 12m0s direct@chen ping")
}

// TestUnreachedByOtherMeans: an answer that did not fit, or a call that failed,
// says nothing about the person.
func TestUnreachedByOtherMeans(t *testing.T) {
	for _, kind := range []desk.NoticeKind{desk.NAnswer, desk.NHelp, desk.NRefused, desk.NAsked, desk.NLouder} {
		m := newStory(t).at(0, urgently())
		m.do(desk.Input{Actor: system, Act: desk.Untold{Case: 1, Kind: kind, Room: desk.Direct, Person: "zhang", Why: "too long"}})
		if len(m.d.Unreachable) > 0 {
			t.Errorf("%s: unreachable %v", kind, m.d.Unreachable)
		}
	}
}

// TestWhoeverActsIsThere: somebody who could not be reached is asked again after
// they took a case.
func TestWhoeverActsIsThere(t *testing.T) {
	m := newStory(t).at(0, urgently()).at(10*time.Second, unreached(0, "zhang"))
	if m.d.Unreachable["zhang"] == "" {
		t.Fatal("zhang counts as reachable")
	}
	m.at(20*time.Second, by(zhang, desk.Claim{Case: 1}))
	if why := m.d.Unreachable["zhang"]; why != "" {
		t.Errorf("zhang is still unreachable: %s", why)
	}
	m.at(30*time.Second, by(zhang, desk.Resolve{Case: 1, Summary: "好了"})).at(40*time.Second, urgently())
	if n := m.told(desk.NPing, desk.Back); n == nil || n.Person != "zhang" {
		t.Errorf("of the next case are told: %s", m.tellings())
	}
}

// TestBoardThatIsGone: a board that the platform will not change any more is told
// anew with the next change.
func TestBoardThatIsGone(t *testing.T) {
	m := newStory(t).at(0, urgently())
	m.do(desk.Input{Actor: system, Act: desk.Told{Case: 1, Room: desk.Front, Board: true, Ref: "ref-1", Hash: "h"}})
	if got := m.only().Boards[desk.Front].Ref; got != "ref-1" {
		t.Fatalf("the board stands at %q", got)
	}
	m.do(desk.Input{Actor: system, Act: desk.Untold{Case: 1, Room: desk.Front, Board: true, Kind: desk.NUpdated, Why: "message_not_found"}})
	if got := m.only().Boards[desk.Front].Ref; got != "" {
		t.Errorf("the board still stands at %q", got)
	}
	same(t, "told of it", m.tellings(), "back warned, direct@chen warned")
}
