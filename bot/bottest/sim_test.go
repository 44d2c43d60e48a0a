package bottest_test

import (
	"context"
	"flag"
	"testing"

	"butler/bot/bottest"
	"butler/cmd/wire"
	"butler/config"
)

var (
	seeds = flag.Int("seeds", 20, "how many worlds the simulation plays")
	first = flag.Uint64("seed", 1, "the first seed")
	steps = flag.Int("steps", 120, "steps in each world")
)

// TestSim plays seeded random worlds and checks the invariants of the design
// after every step. A failing seed prints itself as a play.
func TestSim(t *testing.T) {
	for i := range *seeds {
		seed := *first + uint64(i)
		o := bottest.WorldOptions{Directory: wire.Directory(config.Sample())}
		if err := bottest.RunSim(context.Background(), o, seed, *steps); err != nil {
			t.Fatal(err)
		}
	}
}
