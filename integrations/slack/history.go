package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"butler/bot"
	"butler/bot/chat"
)

// errPages: a room was not read to its end.
var errPages = errors.New("more was said than is fetched")

// room hears what was said in one room and in its threads, oldest first. Errors:
// the first for which it was not read to its end; what was read is heard.
func (l *lookback) room(ctx context.Context, ear bot.Ear, g gap) error {
	oldest := g.from.Add(-l.margin)
	since := fmt.Sprintf("%d.%06d", oldest.Unix(), oldest.Nanosecond()/1000)
	all, trouble := l.pages(ctx, "conversations.history", ear.Room, url.Values{"oldest": {since}})
	threads := slices.Clone(ear.Threads)
	for _, m := range all {
		if grew, err := moment(m.Latest); err == nil && !grew.Before(oldest) {
			threads = append(threads, m.TS)
		}
	}
	slices.Sort(threads)
	for _, ts := range slices.Compact(threads) {
		if !stamp.MatchString(ts) || never(trouble) || broken[code(trouble)] != "" {
			continue
		}
		more, err := l.pages(ctx, "conversations.replies", ear.Room, url.Values{"ts": {ts}, "oldest": {since}})
		all = append(all, more...)
		if trouble == nil && !threadGone(err) {
			trouble = err
		}
	}
	slices.SortFunc(all, func(a, b message) int { return cmp.Or(cmp.Compare(len(a.TS), len(b.TS)), cmp.Compare(a.TS, b.TS)) })
	all = slices.CompactFunc(all, func(a, b message) bool { return a.TS == b.TS })
	for _, m := range all {
		for _, heard := range l.found(m, oldest, g) {
			if !l.tell(heard) {
				return l.e.ctx.Err()
			}
			if !heard.SentAt.Before(g.from) && !heard.SentAt.After(g.to) && heard.Marks == "" {
				l.e.p.Count.Missed.Add(1)
			}
		}
	}
	return trouble
}

// found is what a message of the history says: itself, its last edit when that is
// younger than the message's own hearing, and the mark of somebody of the service.
// The first message of an old thread, of which only the rest is asked, is not said
// again.
func (l *lookback) found(m message, oldest time.Time, g gap) (heard []chat.Message) {
	me := *l.e.p.self.Load()
	at, err := moment(m.TS)
	if err != nil {
		return nil
	}
	if said, err := m.said(me); err == nil && !at.Before(oldest) {
		heard = append(heard, said)
	}
	if m.Edited != nil && at.Before(g.from) {
		if when, err := moment(m.Edited.TS); err == nil && !when.Before(oldest.Truncate(time.Second)) {
			if edit, err := m.edit(m, me); err == nil {
				heard = append(heard, edit)
			}
		}
	}
	for _, r := range m.Reactions.is {
		i := slices.IndexFunc(r.Users, func(u string) bool { return l.e.p.host.Staff("slack", u) })
		mark := chat.Message{Room: roomOf(m.Channel, m.Kind, ""), ID: markID(m.TS), SentAt: g.to}
		if r.Name == siren && i >= 0 && !at.Before(oldest) && m.mark(&mark, me) == nil {
			mark.Sender.ID = r.Users[i]
			heard = append(heard, mark)
		}
	}
	return heard
}

// pages reads a history page by page; also what was read before an error is good.
// A limit is waited for as long as Slack says.
func (l *lookback) pages(ctx context.Context, method string, room chat.Room, q url.Values) (all []message, err error) {
	q.Set("channel", room.ID)
	q.Set("limit", "200")
	q.Set("include_all_metadata", "true")
	for n := 0; n < l.most; {
		var answer pageOf
		err := l.e.p.ask(ctx, method, q, &answer)
		if wait, ok := limited(err); ok {
			if !idle(ctx, cmp.Or(wait, l.pause)) {
				return all, err
			}
			continue
		}
		if threadGone(err) {
			return all, err
		}
		if err := l.e.p.verdict(method, room, err); err != nil {
			return all, err
		}
		for i := range answer.Messages {
			answer.Messages[i].Channel = room.ID
		}
		all = append(all, answer.Messages...)
		if answer.Meta.Next == "" {
			return all, nil
		}
		q.Set("cursor", answer.Meta.Next)
		n++
	}
	return all, errPages
}

// tell puts a message into the lane of its room and waits until it was taken: a
// full lane and a store that is away are waited for, since nobody else would bring
// it again. False: the platform no longer listens.
func (l *lookback) tell(m chat.Message) bool {
	for wait := l.again; ; wait = min(2*wait, waitMax) {
		taken := make(chan bool, 1)
		if l.e.queue(m.Room.ID, job{do: func(ctx context.Context) {
			_, ok := l.e.heard(ctx, job{envelope: "history", message: &m})
			taken <- ok
		}}) {
			select {
			case ok := <-taken:
				if ok {
					return true
				}
			case <-l.e.ctx.Done():
				return false
			}
		}
		if !rest(l.e.ctx, wait) {
			return false
		}
	}
}

// idle waits for the whole of d; false when ctx ends.
func idle(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
