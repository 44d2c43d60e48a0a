package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"butler/bot/chat"
	"butler/bot/desk"
)

// What a platform may ask of the bot (Host), but forms and homes.

var _ Host = (*Bot)(nil)

// Staff reports whether a platform's user is one of the service's people.
func (b *Bot) Staff(platform, user string) bool {
	return b.Directory().staffOf(chat.Room{Platform: platform}, user)
}

// Ears lists the rooms of a platform, fronts first, with the messages under which
// words about open cases stand.
func (b *Bot) Ears(ctx context.Context, platform string) ([]Ear, error) {
	dir := b.Directory()
	var fronts, backs []Ear
	at := map[chat.Room]int{}
	for _, id := range dir.Customers() {
		h, _ := dir.Home(id)
		l, err := b.o.Store.Load(ctx, id)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		if err != nil { // its rooms are listened to all the same
			b.log.Error("a desk cannot be read", "customer", id, "error", err)
		}
		if h.Front.Platform == platform && h.Front.ID != "" {
			fronts = append(fronts, Ear{Room: h.Front, Front: true, Threads: threads(l.Desk, desk.Front)})
		}
		if h.Back.Platform == platform && h.Back.ID != "" {
			if i, shared := at[h.Back]; shared {
				backs[i].Threads = append(backs[i].Threads, threads(l.Desk, desk.Back)...)
				continue
			}
			at[h.Back] = len(backs)
			backs = append(backs, Ear{Room: h.Back, Threads: threads(l.Desk, desk.Back)})
		}
	}
	return append(fronts, backs...), nil
}

// threads are the boards and, in the front, the reports of cases that are looked
// after.
func threads(d desk.Desk, room desk.Room) []string {
	var out []string
	for _, c := range d.Cases {
		if c.Status == desk.Closed {
			continue
		}
		if ref := c.Boards[room].Ref; ref != "" {
			out = append(out, ref)
		}
		if room == desk.Front {
			for _, r := range c.Refs {
				if r.Room == "" {
					out = append(out, r.ID)
				}
			}
		}
	}
	return out
}

// Read brings a read receipt to the desk whose notice it was: the customer stands
// at the beginning of its key.
func (b *Bot) Read(ctx context.Context, platform, user, key string, at time.Time) error {
	customer, _, _ := strings.Cut(key, "/")
	dir := b.Directory()
	person, staff := dir.users[platform+":"+user]
	if !staff || !dir.has(customer) {
		return nil
	}
	in := desk.Input{ID: "read/" + key + "/" + person, At: at, Actor: desk.Actor{Role: desk.System}, Act: desk.ReadBy{Key: key, Person: person}}
	return b.Handle(ctx, customer, in)
}

// Tally adds n to a number that all processes share.
func (b *Bot) Tally(ctx context.Context, name string, n int64) (int64, error) {
	return b.o.Store.Add(ctx, name, n)
}

func hearingKey(platform string) string { return "hearing/" + platform }

// Hearing notes that a platform is connected now.
func (b *Bot) Hearing(ctx context.Context, platform string) error {
	now, err := b.o.Store.Now(ctx)
	if err != nil {
		return err
	}
	return b.o.Store.Remember(ctx, hearingKey(platform), now.UTC().Format(time.RFC3339Nano))
}

// LastHearing is when that was noted last; zero when never.
func (b *Bot) LastHearing(ctx context.Context, platform string) (time.Time, error) {
	text, err := b.o.Store.Recall(ctx, hearingKey(platform))
	if err != nil || text == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, text)
}

// Deaf says in a front that nothing may have been heard there from–to.
func (b *Bot) Deaf(ctx context.Context, room chat.Room, from, to time.Time) error {
	for _, p := range b.Directory().whose(room) {
		if p.room != desk.Front {
			continue
		}
		in := desk.Input{ID: fmt.Sprintf("gap/%s/%d", room, from.UnixMilli()), At: to, Actor: desk.Actor{Role: desk.System}, Act: desk.Gap{From: from, To: to}}
		if err := b.Handle(ctx, p.customer, in); err != nil {
			return err
		}
	}
	return nil
}
