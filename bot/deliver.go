package bot

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

// lease is how long a letter may be on its way before another process may try
// it. Longer than any platform call is allowed to take.
const lease = 30 * time.Second

// retryMin and retryMax bound the wait between two attempts at one letter when
// the platform does not say.
const (
	retryMin = time.Second
	retryMax = 15 * time.Second
)

// Deliver sends the letters that may be sent now, one per lane at a time. With a
// bound of 1 it returns when all are told; otherwise lanes go side by side up to
// the bound, nobody waits for the slowest, and Options.Freed hears when a place
// is free again. A quarter of the places is for urgent letters alone: however many
// ordinary ones are on their way, a ping finds one. What is on its way when ctx ends still arrives: Drain waits for
// it. It returns how many it took and when the earliest resting lane may be asked
// again.
func (b *Bot) Deliver(ctx context.Context) (took int, next time.Time, err error) {
	b.settleAgain(ctx)
	for {
		room, ordinary := cap(b.places)-len(b.places), cap(b.ordinary)-len(b.ordinary)
		if b.o.Parallel == 1 {
			room, ordinary = 2, 2 // two lanes in turn: front and back of a customer keep pace
		}
		if room == 0 {
			return took, time.Time{}, nil
		}
		claimed, err := b.o.Store.Claim(ctx, room, ordinary, lease)
		if err != nil {
			return took, time.Time{}, err
		}
		if len(claimed.Letters) == 0 {
			return took, claimed.Next, nil
		}
		for _, l := range claimed.Letters {
			if b.o.Parallel == 1 {
				if b.tell(ctx, l, claimed.Now) {
					took++
				}
				continue
			}
			took++
			b.places <- struct{}{}
			if !l.Urgent {
				b.ordinary <- struct{}{}
			}
			b.onTheWay.Go(func() {
				b.tell(context.WithoutCancel(ctx), l, claimed.Now) // cut off, nobody would know whether it was said
				if !l.Urgent {
					<-b.ordinary
				}
				<-b.places
				if b.o.Freed != nil {
					b.o.Freed()
				}
			})
		}
	}
}

// Drain waits until nothing is on its way any more.
func (b *Bot) Drain() { b.onTheWay.Wait() }

// tell sends one letter and settles it; true when it left the outbox.
func (b *Bot) tell(ctx context.Context, l Letter, now time.Time) bool {
	s := b.send(ctx, l, now)
	if err := b.settle(ctx, l, s); err != nil {
		b.log.Error("settling a letter", "key", l.ID, "error", err)
		b.unsettled.Store(l.Lease, unsettled{l, s})
		return false
	}
	return s.Done
}

// settle says what became of a letter. It is a write: when it succeeds, the
// store takes writes.
func (b *Bot) settle(ctx context.Context, l Letter, s Settlement) error {
	err := b.o.Store.Settle(ctx, l, s)
	if err == nil {
		b.trouble.Store(nil)
	}
	return err
}

// unsettled is a letter whose settlement the store did not take.
type unsettled struct {
	l Letter
	s Settlement
}

// settleAgain repeats settlements that the store did not take, so that a lane
// need not wait for its lease to end once the store is back.
func (b *Bot) settleAgain(ctx context.Context) {
	b.unsettled.Range(func(lease, v any) bool {
		u := v.(unsettled)
		if err := b.settle(ctx, u.l, u.s); err != nil {
			return false // the store is still away
		}
		b.unsettled.Delete(lease)
		return true
	})
}

// laterFunc settles a letter that must wait: how long (0: the bot's own backoff),
// and why.
type laterFunc func(after time.Duration, why string) Settlement

// noRoomWait is how long a letter waits for a room that is still to be made before
// it asks by itself: its lane is roused when the room is there (roused.go).
const noRoomWait = time.Hour

// send tells one notice and says what becomes of its letter. Whatever a broken
// sheet or platform does, the lane does not stand still for ever.
func (b *Bot) send(ctx context.Context, l Letter, now time.Time) (s Settlement) {
	n, err := desk.DecodeNotice(l.Body)
	if err != nil {
		b.log.Error("a letter that cannot be read is dropped", "key", l.ID, "error", err)
		return Settlement{Done: true}
	}
	var later laterFunc = func(after time.Duration, why string) Settlement {
		b.Count.Later.Add(1)
		if after == 0 {
			after = min(retryMin<<min(l.Attempt, 10), retryMax)
		}
		if l.Attempt&(l.Attempt-1) == 0 { // 1, 2, 4, 8, …: one that waits for days says so some twenty times
			b.log.Warn("a letter must wait", "key", l.ID, "attempt", l.Attempt, "after", after, "why", why)
		}
		return Settlement{After: after}
	}
	loaded, err := b.o.Store.Load(ctx, n.Customer)
	if err != nil {
		return later(0, err.Error())
	}
	d := loaded.Desk
	b.settleRooms(n.Customer, d.Rooms) // another process may have made or bound them
	h, ok := b.Directory().Home(n.Customer)
	if !ok {
		b.log.Error("a letter of a customer who is not in the config is dropped", "key", l.ID)
		return Settlement{Done: true}
	}
	d.Terms = h.Terms
	if !desk.Wants(d, n) {
		b.Count.Unwanted.Add(1)
		return Settlement{Done: true}
	}
	switch n.Kind {
	case desk.NFounding:
		return b.found(ctx, n, l, later)
	case desk.NRecall:
		return b.recall(ctx, d, n, l, later)
	}
	out, edit, err := b.sending(d, n, loaded.Now)
	switch {
	case errors.Is(err, errNoRoom):
		return b.waitForRoom(ctx, n, l, err.Error(), later)
	case errors.Is(err, errAsShown):
		b.Count.Unwanted.Add(1)
		return Settlement{Done: true}
	case err != nil:
		return b.never(ctx, n, l, reasonOf(err), later)
	}
	out.Attempt = l.Attempt
	p, ok := b.platforms[out.Room.Platform]
	if !ok {
		return b.never(ctx, n, l, noPlatform(out.Room.Platform), later)
	}
	var receipt chat.Receipt
	if known, ok := b.unknown.Load(n.Key); ok {
		// It was told; only the desk has not heard of it yet.
		s := known.(sent)
		receipt, edit = s.receipt, s.edit
	} else {
		receipt, err = b.speak(ctx, p, out, edit)
	}
	if s, failed := b.failed(ctx, n, l, err, later); failed {
		return s
	}
	if err := b.receipt(ctx, n, out, receipt, edit != "", loaded.Now); err != nil {
		b.unknown.Store(n.Key, sent{receipt, edit})
		return later(0, err.Error())
	}
	b.unknown.Delete(n.Key)
	return Settlement{Done: true, After: p.Limits(out.Room).Spacing}
}

// failed settles a letter for which a platform's answer was an error; false when
// it was none.
func (b *Bot) failed(ctx context.Context, n desk.Notice, l Letter, err error, later laterFunc) (s Settlement, failed bool) {
	var wait *chat.Later
	var no *chat.Never
	switch {
	case err == nil:
		return Settlement{}, false
	case errors.As(err, &wait) && wait.Merge && n.Board:
		b.owe(n, l)
		return Settlement{Done: true}, true
	case errors.As(err, &wait):
		return later(wait.After, wait.Why), true
	case errors.As(err, &no):
		return b.never(ctx, n, l, desk.Because(no.Why, no.Zh), later), true
	}
	return later(0, err.Error()), true
}

// sent is what a platform took although the desk could not be told.
type sent struct {
	receipt chat.Receipt
	edit    string
}

// speak sends, or edits in place where a board stands already. A board whose
// message is gone is sent anew.
func (b *Bot) speak(ctx context.Context, p Platform, s Sending, edit string) (chat.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	if edit == "" {
		return p.Send(ctx, s)
	}
	r, err := p.(Editor).Edit(ctx, edit, s)
	var no *chat.Never
	if errors.As(err, &no) {
		return p.Send(ctx, s)
	}
	if r.Ref == "" {
		r.Ref = edit
	}
	return r, err
}

// errAsShown: the board already shows this.
var errAsShown = errors.New("shown already")

// sending words a notice and addresses it. For a board that stands already edit
// is its reference; errAsShown when nothing would change.
func (b *Bot) sending(d desk.Desk, n desk.Notice, now time.Time) (s Sending, edit string, err error) {
	dir := b.Directory()
	s = Sending{Key: n.Key, Private: n.Private, Inside: n.Room == desk.Back, Urgent: n.Urgent, Kind: n.Kind, Means: n.Means}
	if s.Room, err = dir.Room(n.Customer, n.Room, n.Person); err != nil {
		return s, "", err
	}
	if n.Person != "" {
		s.Person, s.Name = dir.User(n.Customer, n.Person, s.Room.Platform), dir.Name(n.Customer, n.Person)
	}
	c, has := d.Case(n.Case)
	s.Urgent = s.Urgent || has && (c.Urgent || c.Severity == desk.High) // what is answered within minutes (§5: 15)
	if n.Board {
		f, in, ok := desk.Board(d, n.Case, n.Room, now)
		if !ok {
			return s, "", errAsShown // the case has left the desk
		}
		n.Facts, n.Inside = &f, in
	}
	p := b.platforms[s.Room.Platform]
	if s.Card, err = card.ForVoice(n, voiceOf(p)); err != nil {
		return s, "", err
	}
	if has && (n.Board && n.Room == desk.Back || n.Room == desk.Direct) {
		s.Card.Links = b.links(n.Customer, c, n.Room, n.Lang)
	}
	switch {
	case n.Board:
		shown := c.Boards[n.Room]
		if shown.Ref != "" {
			if shown.Hash == hashOf(s.Card) {
				return s, "", errAsShown
			}
			edit = shown.Ref
			if _, can := p.(Editor); !can {
				return s, "", errAsShown // a platform without edits is spared a wall of boards
			}
		}
	case n.Thread && has:
		s.Thread = c.Boards[n.Room].Ref
	}
	if n.Room == desk.Front && has && n.Person == "" && !n.Board && forReporter[n.Kind] {
		s.Loud = true
		s.Person, s.Name = b.reporter(n.Customer, c, s.Room.Platform)
	}
	return s, edit, nil
}

// forReporter is the news for which the customer waits: whoever reported the case
// is called, for nobody else may notice an answer in a thread.
var forReporter = map[desk.NoticeKind]bool{desk.NResponded: true, desk.NAsked: true, desk.NResolved: true, desk.NFollowup: true, desk.NSafe: true}

// reporter is who reported a case, by the platform's id; "" for staff and for
// apps, who need not be called.
func (b *Bot) reporter(customer string, c desk.Case, platform string) (id, name string) {
	dir := b.Directory()
	if _, staff := dir.people[c.Reporter.ID]; staff || c.Reporter.ID == "" || strings.HasPrefix(c.Reporter.ID, chat.AppPrefix) || c.Reporter.ID == chat.Unknown {
		return "", ""
	}
	return dir.User(customer, c.Reporter.ID, platform), c.Reporter.Name
}

// voiceOf is how commands are typed on a platform.
func voiceOf(p Platform) card.Voice {
	if s, ok := p.(Speaker); ok {
		return s.Voice()
	}
	return card.Slash
}

// hashOf recognises what a board shows.
func hashOf(c card.Card) string {
	h := fnv.New64a()
	h.Write([]byte(c.String()))
	return fmt.Sprintf("%x", h.Sum64())
}

// receipt brings the platform's answer back as an input where the desk needs it:
// where a board stands, when a rung was told.
func (b *Bot) receipt(ctx context.Context, n desk.Notice, s Sending, r chat.Receipt, edit bool, now time.Time) error {
	if edit {
		b.Count.Edited.Add(1)
	} else {
		b.Count.Told.Add(1)
	}
	if b.o.Told != nil {
		b.o.Told(Telling{Notice: n, Card: s.Card, Room: s.Room, Edit: edit, At: now})
	}
	if !n.Board && n.Rung == nil && n.Kind != desk.NResponded {
		return nil
	}
	t := desk.Told{Key: n.Key, Kind: n.Kind, Case: n.Case, Room: n.Room, Board: n.Board, Ref: r.Ref, Who: n.Person, Rung: n.Rung}
	if n.Board {
		t.Hash = hashOf(s.Card)
	}
	return b.Handle(ctx, n.Customer, desk.Input{ID: "told/" + n.Key, At: now, Actor: desk.Actor{Role: desk.System}, Act: t})
}

// never hears that a notice will not be delivered: the desk decides whom to
// tell instead.
func (b *Bot) never(ctx context.Context, n desk.Notice, l Letter, why desk.Reason, later laterFunc) Settlement {
	b.Count.Never.Add(1)
	b.log.Error("a letter will never arrive", "key", l.ID, "room", string(n.Room), "why", string(why.In("en")))
	u := desk.Untold{Key: n.Key, Kind: n.Kind, Case: n.Case, Room: n.Room, Board: n.Board, Person: n.Person, Rung: n.Rung, Why: why}
	if err := b.Handle(ctx, n.Customer, desk.Input{ID: "never/" + n.Key, Actor: desk.Actor{Role: desk.System}, Act: u}); err != nil {
		return later(0, err.Error())
	}
	return Settlement{Done: true}
}
