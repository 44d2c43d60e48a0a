package findings

import (
	"context"
	"errors"
	"sync"
	"time"

	"butler/bot/desk"
)

// A source that speaks at all is alive for all customers it is bound to, whomever
// its words are about: a day without findings is no silence. Each desk hears of
// that once an hour at most.

// Telling the desks of one request.
const (
	tellers  = 16              // desks at a time
	telltime = 5 * time.Second // for all; who is left is told with the next request
)

// sign is one source seen from one customer.
type sign struct{ source, customer string }

// signs remembers the hour of each sign of life that was committed, so that most
// requests ask no store. It holds one number for each source and customer.
type signs struct {
	mu   sync.Mutex
	told map[sign]int64 // hours since 1970
}

// due lists the customers that have not heard of a source in this hour.
func (s *signs) due(src Source, hour int64) (customers []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range src.Customers {
		if s.told[sign{src.Name, c}] != hour {
			customers = append(customers, c)
		}
	}
	return customers
}

func (s *signs) done(k sign, hour int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told[k] = hour
}

// heard tells the desks of a source's customers that it lives.
func (d *Door) heard(ctx context.Context, src Source, now time.Time) error {
	hour := now.Unix() / int64(time.Hour/time.Second)
	due := d.signs.due(src, hour)
	if len(due) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, telltime)
	defer cancel()
	in := desk.Input{ID: "heard/" + src.Name + "/" + now.UTC().Format("2006010215"), At: now,
		Actor: desk.Actor{Role: desk.System, Name: src.Name}, Act: desk.Heard{Source: src.Name}}
	next := make(chan string)
	failed := make([]error, min(tellers, len(due)))
	var all sync.WaitGroup
	for i := range failed {
		all.Go(func() {
			for customer := range next {
				if err := d.o.Take(ctx, customer, in); err != nil {
					failed[i] = err
					continue
				}
				d.signs.done(sign{src.Name, customer}, hour)
				d.Count.Signs.Add(1)
			}
		})
	}
	for _, customer := range due {
		if ctx.Err() != nil {
			break
		}
		next <- customer
	}
	close(next)
	all.Wait()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		d.o.Log.Warn("not every desk heard that a source lives; the next request tells the others", "source", src.Name)
		return nil
	}
	return errors.Join(failed...)
}
