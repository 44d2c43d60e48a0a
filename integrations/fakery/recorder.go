package fakery

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// Recorder is a test that a fake may fail: it keeps the complaints it hears.
// Everything else goes to the test it stands for.
type Recorder struct {
	testing.TB

	mu     sync.Mutex
	errors []string
}

// Helper does nothing: nobody shows where a complaint is from.
func (r *Recorder) Helper() {}

// Errorf keeps a complaint.
func (r *Recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// Fatalf keeps a complaint and ends the goroutine that made it, as a real test
// does.
func (r *Recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// Heard are the complaints so far, oldest first.
func (r *Recorder) Heard() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.errors)
}
