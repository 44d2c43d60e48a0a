package redis

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// A lease is held by a process that lives. When a process is gone, its lanes do
// not wait for the lease to end: whoever notices puts them back, so that what was
// pending is told within seconds (design §16: 5 s). A claim whose answer was lost
// is an orphan as well: nobody will ever settle it.

// orphans are claims of this process whose answers were lost.
type orphans struct {
	mu   sync.Mutex
	list []orphan
}

type orphan struct {
	shard       int
	lane, token string
}

func (o *orphans) add(list ...orphan) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, list...)
}

func (o *orphans) take() []orphan {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.list
	o.list = nil
	return list
}

// putBack ends leases that nobody will settle: those of processes that are not
// in live when someone has gone, and our own whose answers were lost. A lease
// that was settled or taken over meanwhile stays as it is (settle.lua looks at
// its token).
func (s *Store) putBack(ctx context.Context, gone bool, live []string) error {
	list := s.lost.take()
	if gone {
		more, err := s.heldByOthersThan(ctx, live)
		if err != nil {
			return err
		}
		list = append(list, more...)
	}
	for i, o := range list {
		if _, err := s.run(ctx, o.shard, settleScript, s.laneKeys(o.shard, o.lane), s.floor.Load(), o.lane, o.token, 0, 0); err != nil {
			s.lost.add(list[i:]...) // again at the next beat
			return err
		}
	}
	if len(list) > 0 {
		s.nudge.poke()
	}
	return nil
}

// heldByOthersThan finds the leases whose holders are not among the living. The
// token of a claim begins with the id of its process.
func (s *Store) heldByOthersThan(ctx context.Context, live []string) (out []orphan, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	for shard := range s.names.tags {
		for cursor := uint64(0); ; {
			pairs, next, err := s.rdb.HScan(ctx, s.names.held(shard), cursor, "", 500).Result()
			if err != nil {
				return nil, err
			}
			for i := 0; i+1 < len(pairs); i += 2 {
				fields := strings.Split(pairs[i+1], "|")
				if len(fields) < 2 || fields[1] == "" {
					continue
				}
				holder, _, _ := strings.Cut(fields[1], ".")
				if !slices.Contains(live, holder) {
					out = append(out, orphan{shard, pairs[i], fields[1]})
				}
			}
			if cursor = next; cursor == 0 {
				break
			}
		}
	}
	return out, nil
}
