package redis

import (
	_ "embed"
	"fmt"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/desk"
)

// The scripts of the butler that kept no set of urgent lanes, as they were.
var (
	//go:embed testdata/before-hot/commit.lua
	commitBefore string
	//go:embed testdata/before-hot/claim.lua
	claimBefore string
	//go:embed testdata/before-hot/settle.lua
	settleBefore string
)

// before runs a script of the earlier butler on the keys it knew.
func before(t *testing.T, s *Store, src string, keys []string, args ...any) any {
	t.Helper()
	out, err := s.rdb.Eval(ctx, src, keys, args...).Result()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// commitAsBefore is a commit of the earlier butler with one letter.
func commitAsBefore(t *testing.T, s *Store, customer string, version int, urgent bool) {
	t.Helper()
	n, shard := s.names, s.names.shard(customer)
	lane := customer + "/back"
	l := bot.Letter{Customer: customer, Lane: lane, ID: fmt.Sprintf("%s-%d", customer, version), Urgent: urgent, Body: []byte("{}")}
	op := encodeOp(fmt.Sprintf("before-%d", version))
	d := sampleDesk(customer, time.Now().UTC().Truncate(time.Millisecond))
	keys := []string{n.desk(shard, customer), n.journal(shard, customer), n.wakes(shard), n.ready(shard), n.held(shard), n.desk(shard, customer), n.lane(shard, lane, urgent)}
	record := append([]byte(op), pack(desk.Record{Op: l.ID, Act: "said"}.Encode())...)
	out := before(t, s, commitBefore, keys, version, op, record, customer, 0, 0, 0, 2, "head", pack(d.EncodeHead()), 0, lane, 1, encodeLetter(l))
	if ms, _ := out.(int64); ms < 1000 {
		t.Fatalf("the commit answered %v", out)
	}
}

// next claims one letter and settles it.
func next(t *testing.T, s *Store) string {
	t.Helper()
	c, err := s.Claim(ctx, 1, 1, time.Minute)
	if err != nil || len(c.Letters) != 1 {
		t.Fatalf("claimed %+v, %v", c, err)
	}
	if err := s.Settle(ctx, c.Letters[0], bot.Settlement{Done: true}); err != nil {
		t.Fatal(err)
	}
	return c.Letters[0].ID
}

// Letters that the earlier butler left are delivered in the order of their lanes,
// and a lane is preferred as soon as this one puts an urgent letter in it.
func TestLettersOfBefore(t *testing.T) {
	s := openShared(t)
	for _, name := range []string{"acme", "nova", "zeta"} {
		commitAsBefore(t, s, name, 0, name == "zeta")
		time.Sleep(2 * time.Millisecond) // by the server's clock, so that their order is known
	}
	c := sampleCommit("nova", 1, at(s), time.Time{})
	c.Letters = []bot.Letter{{Customer: "nova", Lane: "nova/back", ID: "urgent", Urgent: true, Body: []byte("{}")}}
	if err := s.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"urgent", "acme-0", "zeta-0", "nova-0"} {
		if got := next(t, s); got != want {
			t.Fatalf("delivered %s, want %s", got, want)
		}
	}
	if n := s.rdb.ZCard(ctx, s.names.hot(s.names.shard("nova"))).Val(); n != 0 {
		t.Errorf("%d lanes are still preferred", n)
	}
}

// While both butlers run, the earlier one may take letters and leave their lanes
// in the set of urgent ones: they are put right, and hide nothing.
func TestBesideTheOneBefore(t *testing.T) {
	s := openShared(t)
	shard := s.names.shard("acme")
	lane := "acme/back"
	keys := []string{s.names.ready(shard), s.names.held(shard), s.names.lane(shard, lane, true), s.names.lane(shard, lane, false)}
	c := sampleCommit("acme", 0, at(s), time.Time{})
	c.Letters = []bot.Letter{{Customer: "acme", Lane: lane, ID: "u", Urgent: true, Body: []byte("{}")}}
	if err := s.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	if out, _ := before(t, s, claimBefore, keys, 0, lane, time.Hour.Milliseconds(), "other.1").([]any); len(out) != 4 {
		t.Fatalf("the earlier butler claimed %v", out)
	}
	if c, err := s.Claim(ctx, 10, 10, time.Hour); err != nil || len(c.Letters) != 0 {
		t.Fatalf("claimed %+v, %v while the earlier butler holds the lane", c, err)
	}
	if at := s.rdb.ZScore(ctx, s.names.hot(shard), lane).Val(); at != s.rdb.ZScore(ctx, s.names.ready(shard), lane).Val() {
		t.Error("the lease of the earlier butler is not known in hot")
	}
	before(t, s, settleBefore, keys, 0, lane, "other.1", 1, 0)
	commitAsBefore(t, s, "acme", 1, false)
	if got := next(t, s); got != "acme-1" {
		t.Fatalf("delivered %s", got)
	}
	if n := s.rdb.ZCard(ctx, s.names.hot(shard)).Val(); n != 0 {
		t.Errorf("%d lanes are still preferred", n)
	}
}
