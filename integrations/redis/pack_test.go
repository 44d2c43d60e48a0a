package redis

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

func TestPack(t *testing.T) {
	c := sampleCommit("acme", 3, time.Now().UTC(), time.Now())
	for name, v := range map[string][]byte{
		"empty":       {},
		"brace":       []byte("{}"),
		"dictionary":  []byte(dictionary1),
		"head":        c.Desk.EncodeHead(),
		"case":        c.Desk.Cases[0].Encode(),
		"record":      c.Record.Encode(),
		"binary":      {0, 1, 2, 3, 0, 1, 2, 3, 255, 10, 10, 10, 10, 10, 10, 10, 10},
		"one letter":  bytes.Repeat([]byte("a"), 5000),
		"very large":  bytes.Repeat([]byte(`{"案件":"很长的一段话, and then some"}`), 6000),
		"not matched": []byte("qwzx"),
	} {
		p := pack(v)
		got, err := unpack(p)
		if err != nil || !bytes.Equal(got, v) {
			t.Errorf("%s: %d bytes came back as %d, %v", name, len(v), len(got), err)
		}
		t.Logf("%s: %d bytes packed to %d", name, len(v), len(p))
	}
	if n := len(pack(c.Desk.Cases[0].Encode())); n > 650 {
		t.Errorf("a case of %d bytes is packed to %d, more than 650", len(c.Desk.Cases[0].Encode()), n)
	}
	if got, err := unpack([]byte(`{"schema":1}`)); err != nil || string(got) != `{"schema":1}` {
		t.Errorf("plain JSON came back as %s, %v", got, err)
	}
	if _, err := unpack([]byte{2, 0}); err == nil || !strings.Contains(err.Error(), "newer butler") {
		t.Errorf("another dictionary: %v", err)
	}
}

// Values packed by an older butler have to be readable for ever.
func TestDictionaryNeverChanges(t *testing.T) {
	sum := sha256.Sum256([]byte(dictionary1))
	if got := hex.EncodeToString(sum[:8]); got != "ce0732564fd74eb8" {
		t.Errorf("dictionary 1 has changed (%s): stored desks could not be read. Add dictionary 2 instead", got)
	}
}

func FuzzPack(f *testing.F) {
	c := sampleCommit("acme", 3, time.Unix(0, 0).UTC(), time.Now())
	f.Add(c.Desk.Cases[0].Encode())
	f.Add(pack(c.Desk.Cases[0].Encode()))
	f.Add([]byte{1, 4, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = unpack(b) // whatever it is: no panic
		_, _ = unpack(append([]byte{1}, b...))
		got, err := unpack(pack(b))
		if err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%q came back as %q, %v", b, got, err)
		}
	})
}

func BenchmarkPack(b *testing.B) {
	v := sampleCase(1, time.Now().UTC()).Encode()
	p := pack(v)
	b.Run("pack", func(b *testing.B) {
		for b.Loop() {
			pack(v)
		}
	})
	b.Run("unpack", func(b *testing.B) {
		for b.Loop() {
			_, _ = unpack(p)
		}
	})
}
