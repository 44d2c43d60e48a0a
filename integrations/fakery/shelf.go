package fakery

// Shelf holds deliveries back until a test wants them, in an order of its own.
type Shelf[D any] struct {
	mu      *Monitor
	deliver func(D)
	holding bool
	held    []D
}

// NewShelf returns one that holds nothing back yet, and delivers with the lock held.
func NewShelf[D any](mu *Monitor, deliver func(D)) *Shelf[D] {
	return &Shelf[D]{mu: mu, deliver: deliver}
}

// Hold keeps deliveries back until Flush.
func (s *Shelf[D]) Hold() { Set(s.mu, &s.holding, true) }

// Holds takes a delivery if they are kept back now, and says so. The lock is held.
func (s *Shelf[D]) Holds(d D) bool {
	if s.holding {
		s.held = append(s.held, d)
	}
	return s.holding
}

// Held counts what is held back.
func (s *Shelf[D]) Held() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.held)
}

// Flush delivers what was held back: in the order of the indices, or as it came
// without any. What no index names is delivered last.
func (s *Shelf[D]) Flush(order ...int) {
	s.mu.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.held
	s.held, s.holding = nil, false
	done := map[int]bool{}
	for _, i := range order {
		if i < 0 || i >= len(held) {
			s.mu.t.Fatalf("%s: %d deliveries are held back; there is no number %d", s.mu.name, len(held), i)
		}
		done[i] = true
		s.deliver(held[i])
	}
	for i, d := range held {
		if !done[i] {
			s.deliver(d)
		}
	}
}

// Pending counts the deliveries that are not acknowledged now.
func Pending[D interface{ Acknowledged() bool }](all []D) (n int) {
	for _, d := range all {
		if !d.Acknowledged() {
			n++
		}
	}
	return n
}
