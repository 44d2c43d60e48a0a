package slack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"butler/bot/card"
	"butler/bot/chat"
)

// What bounds the pages of people: their App Homes.
const (
	homeSpacing = 2 * time.Second  // between two publications for one person
	homeRefresh = 3 * time.Second  // between two looks at what changed
	homeStays   = 30 * time.Minute // a page opened longer ago is refreshed when it is opened again
	homeTries   = 3                // of one publication
	homesAtOnce = 4                // that are made at once
)

// homes are the App Homes that people opened since Listen began.
type homes struct {
	watching sync.Once
	turn     chan struct{} // as many as are made at once

	mu    sync.Mutex
	of    map[string]*homeTab
	after time.Time // Slack takes none before
}

// homeTab is the App Home of one person.
type homeTab struct {
	opened    time.Time
	published time.Time
	shows     [sha256.Size]byte // of what was published last; zero when it is not known
	due       bool              // waits to be published
	anew      bool              // also when it shows the same
}

// Changed says that something changed which pages may show. Those that were
// opened lately and would show something else are published anew, within a few
// seconds. It costs nothing; call it as often as you like.
func (p *Platform) Changed() { p.changed.Store(true) }

// homeOpened publishes the page that somebody opened; false for every other
// envelope, and for the other tabs. It is acknowledged at once: there is nothing
// to commit.
func (e *ear) homeOpened(env envelope) bool {
	if env.Type != "events_api" || e.p.host == nil || !bytes.Contains(env.Payload, []byte("app_home_opened")) {
		return false
	}
	var o struct {
		Event struct {
			Type string `json:"type"`
			User string `json:"user"`
			Tab  string `json:"tab"`
		} `json:"event"`
	}
	if json.Unmarshal(env.Payload, &o) != nil || o.Event.Type != "app_home_opened" || o.Event.Tab != "home" || !userID.MatchString(o.Event.User) {
		return false
	}
	e.put("", job{envelope: env.ID})
	e.wantHome(o.Event.User, true)
	return true
}

// wantHome makes somebody's page due: opened, always; else when it would show
// something else. Until it is published, further wishes are the same wish.
func (e *ear) wantHome(user string, opened bool) {
	if e.p.host == nil {
		return
	}
	all := &e.homes
	all.watching.Do(func() {
		all.turn = make(chan struct{}, homesAtOnce)
		e.lanesDone.Go(e.watch)
	})
	all.mu.Lock()
	if all.of == nil {
		all.of = map[string]*homeTab{}
	}
	tab := all.of[user]
	if tab == nil {
		tab = &homeTab{}
		all.of[user] = tab
	}
	tab.opened = time.Now()
	tab.anew = tab.anew || opened
	all.mu.Unlock()
	e.refresh(user, tab)
}

// refresh queues the publication of a page, unless it is queued.
func (e *ear) refresh(user string, tab *homeTab) {
	e.homes.mu.Lock()
	defer e.homes.mu.Unlock()
	if !tab.due {
		tab.due = e.queue("home/"+user, job{do: func(ctx context.Context) { e.publish(ctx, user, tab) }})
	}
}

// watch refreshes the pages that people may have open, when something changed,
// and forgets those that they opened long ago.
func (e *ear) watch() {
	look := time.NewTicker(homeRefresh)
	defer look.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-look.C:
		}
		if !e.p.changed.Swap(false) {
			continue
		}
		for user, tab := range e.lately() {
			e.refresh(user, tab)
		}
	}
}

func (e *ear) lately() map[string]*homeTab {
	e.homes.mu.Lock()
	defer e.homes.mu.Unlock()
	lately := map[string]*homeTab{}
	for user, tab := range e.homes.of {
		if tab.due || time.Since(tab.opened) < homeStays {
			lately[user] = tab
		} else {
			delete(e.homes.of, user)
		}
	}
	return lately
}

// publish shows somebody their page, not too soon after the last time, and again
// when Slack asks to wait. Best effort: whoever opens their page again gets it.
func (e *ear) publish(ctx context.Context, user string, tab *homeTab) {
	all := &e.homes
	wait := homeSpacing
	for range homeTries {
		all.mu.Lock()
		at := tab.published.Add(homeSpacing)
		if all.after.After(at) {
			at = all.after
		}
		all.mu.Unlock()
		awake := until(ctx, at)
		all.mu.Lock()
		anew := tab.anew
		tab.due, tab.anew = false, false
		all.mu.Unlock()
		if !awake {
			return
		}
		err := e.show(ctx, user, tab, anew)
		if err == nil || never(err) || ctx.Err() != nil {
			return
		}
		e.p.log.Warn("slack: a page could not be published", "error", brief(err))
		all.mu.Lock()
		tab.anew = true
		var later *chat.Later
		if errors.As(err, &later) && later.After > 0 {
			all.after = time.Now().Add(later.After)
		}
		tab.published = time.Now().Add(wait - homeSpacing)
		all.mu.Unlock()
		wait *= 2
	}
}

// show makes a page and publishes it, unless it is what is shown already.
func (e *ear) show(ctx context.Context, user string, tab *homeTab, anew bool) error {
	select {
	case e.homes.turn <- struct{}{}:
		defer func() { <-e.homes.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, hearWait)
	defer cancel()
	cards, err := e.p.host.Home(ctx, "slack", user)
	if err != nil {
		return fmt.Errorf("what it shows is not known: %w", err)
	}
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: home(cards)}}
	source, err := json.Marshal(view)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(source)
	e.homes.mu.Lock()
	same := tab.shows == sum
	e.homes.mu.Unlock()
	if same && !anew {
		return nil
	}
	_, err = e.p.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: view})
	err = e.p.verdict("views.publish", chat.Room{Platform: "slack", ID: user, Direct: true}, err)
	e.homes.mu.Lock()
	defer e.homes.mu.Unlock()
	if tab.published, tab.shows = time.Now(), sum; err != nil {
		tab.shows = [sha256.Size]byte{}
	}
	return err
}

// until waits for a time; false when ctx ends.
func until(ctx context.Context, at time.Time) bool {
	t := time.NewTimer(time.Until(at))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return ctx.Err() == nil
	}
}

// Limits of an App Home (docs.slack.dev/reference/views, views.publish), and how
// much of one card fits it: a page is to be looked over.
const (
	maxHome      = 100
	maxHomeBytes = 200_000 // Slack takes 250 kB, and does not say how it counts
	maxCardBody  = 8
	maxCardLine  = 400
)

// home is a page: the cards under each other, and at the end how many of them
// found no place.
func home(cards []card.Card) []slack.Block {
	out := []slack.Block{}
	total := 0
	for i, c := range cards {
		part := compact(c)
		if len(out) > 0 && len(part) > 0 {
			part = append([]slack.Block{slack.NewDividerBlock()}, part...)
		}
		size, err := json.Marshal(part)
		if total += len(size); err != nil || len(out)+len(part) > maxHome-1 || total > maxHomeBytes {
			return append(out, slack.NewSectionBlock(plain(fmt.Sprintf(phrasesIn(c.Lang).more, len(cards)-i)), nil, nil))
		}
		out = append(out, part...)
	}
	if len(out) == 0 {
		out = append(out, slack.NewSectionBlock(plain("—"), nil, nil))
	}
	return out
}

// compact is a card on a page: its title, the first of its lines, a row of
// buttons and links, the small print. At most maxCardBody+3 blocks.
func compact(c card.Card) []slack.Block {
	short := make([]card.Line, len(c.Lines))
	for i, l := range c.Lines {
		l.Text = cut(l.Text, maxCardLine)
		short[i] = l
	}
	var out []slack.Block
	if title := c.Tone.Mark() + c.Title; title != "" {
		out = append(out, slack.NewHeaderBlock(plain(cut(title, maxHeader))))
	}
	out = append(out, within(lines(short, c.Lang), maxCardBody)...)
	if row := actions(c.Buttons, c.Links); len(row) > 0 {
		out = append(out, row[0])
	}
	if c.Foot != "" {
		out = append(out, slack.NewContextBlock("", plain(cut(c.Foot, maxCardLine))))
	}
	return out
}
