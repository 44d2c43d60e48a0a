package redis

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Desks and records are JSON, and much of JSON says the same in every desk. They
// are kept packed: what stands in the dictionary below, or earlier in the same
// value, is replaced by a reference to it. That is a third of the memory, of the
// bytes that pass through the script and of what is synced to disk, for a few
// microseconds. A value that begins with a brace is plain JSON; it is read too.
//
// Packed: the number of the dictionary (one byte), the length of the value, and
// then in turns: n, n bytes as they are, length and distance of a match — all
// numbers are varints. Distances reach back through the value into the
// dictionary. The last match is left out.

// dictionary1 is number 1. It must never change: a change is number 2.
const dictionary1 = `{"schema":1,"customer":"","at":"2026-11-2T0.000Z","head":"","terms":"","edition":"enterprise","edition":"escort","edition":"emergency",` +
	`"next_case":1,"next_slip":1,"slips":[{"n":1,"ref":"slack:C0","by":{"id":"U0","name":""},"text":"","verdict":{"label":"incident","urgent":true,"confidence":0.9,"why":"","assets":["10.0.0.1"],"elsewhere":true},"case":1,"opened":true}],` +
	`"inspection":{"next":"2027-01-01T01:00:00Z","last":"2026-12-31T01:00:00Z","seen":{"https://www.example.com":"ok"}},` +
	`"findings":[{"n":1,"source":"","id":"","layer":"network","layer":"host","layer":"application","layer":"product","asset":"","title":"","severity":"high","severity":"medium","severity":"low","detail":"","first":"","last":"","fixed":"","case":1}],` +
	`"onboarding":{"since":"2026-11-01","case":1},"unreachable":{"":""}}` +
	`{"n":1,"kind":"vulnerability","severity":"high","kind":"consultation","kind":"policy","kind":"onboarding","kind":"incident","urgent":true,` +
	`"category":"network_attack","category":"data_destruction","category":"content_security","category":"malware","title":"","status":"resolved","status":"closed","status":"open","opened":"2026-",` +
	`"reporter":{"id":"U0","name":""},"why":"","row":{"matter":"vulnerability.medium","matter":"incident.normal","matter":"incident.urgent","included":true,"scope":"incident",` +
	`"respond":14400000000000,"respond":3600000000000,"respond":900000000000,"respond_workdays":1,"resolve":432000000000000,"safe_days":15,` +
	`"ladder":"0 primary,tam; 1/3 primary; 8/15 backup; 4/5 manager; 1 manager","clause":"§5 安全事件管理"},` +
	`"respond":{"marks":[{"at":"2026-11-23T","verb":"start","promise":900000000000,"by":"","ref":""},{"at":"","verb":"stop"},{"at":"","verb":"pause"},{"at":"","verb":"resume"}]},` +
	`"resolve":{"marks":[{"at":"2026-11-23T","verb":"start","promise":432000000000000,"by":"","ref":""}]},` +
	`"rungs":{"round":1,"told":2,"pings":[{"person":"","rung":0,"at":"2026-11-23T","told":"2026-11-23T","read":"","failed":""},{"person":"","rung":0,"at":""}]},"solving":{"told":1,"pings":[]},` +
	`"assignee":"","claimed":"2026-11-23T","reminded":true,"asked":{"text":"","at":"","by":""},"stages":[{"stage":"contain","at":"","by":""}],"assets":["db01.example.com"],` +
	`"refs":[{"id":"","at":"2026-11-23T"}],"adds":1,"last":{"by":"","text":"","at":"2026-11-23T"},"touched":"2026-11-23T","summary":"","resolved":"","resolved_by":"","confirmed":"","checks":1,"recurred":1,"merged":1,"links":[1],"finding":"",` +
	`"boards":{"back":{"ref":"","hash":""},"front":{"ref":"","hash":""}}}` +
	`{"op":"slack:C0","at":"2026-11-23T","act":"claim","act":"woke","act":"told","act":"reply","act":"said","events":[{"at":"2026-11-23T","kind":"opened","case":1,"by":"","text":"","ref":""},` +
	`{"at":"2026-11-23T","kind":"ping","case":1,"who":[""],"rung":0},{"at":"","kind":"claimed","case":1,"by":"","inside":"","clock":"respond","mark":{"at":"","verb":"stop"}}],"prev":"`

const (
	minMatch  = 4
	hashBits  = 12
	packLimit = 1<<16 - 1 // dictionary and value; what is beyond is not searched
	unpackMax = 16 << 20  // bytes of a value; more is no value of ours
)

// matchTable says where four bytes were seen last, by their hash; 0 for never.
type matchTable [1 << hashBits]uint16

var dictionaryTable = func() (t matchTable) {
	for i := 0; i+minMatch <= len(dictionary1); i++ {
		t[matchHash(dictionary1[i:])] = uint16(i)
	}
	return t
}()

func matchHash[T string | []byte](b T) uint32 {
	v := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
	return v * 2654435761 >> (32 - hashBits)
}

// pack returns the stored form of a value.
func pack(value []byte) []byte {
	const base = len(dictionary1)
	table := dictionaryTable
	text := make([]byte, 0, base+len(value))
	text = append(append(text, dictionary1...), value...)
	out := make([]byte, 0, len(value)/2+16)
	out = append(out, 1)
	out = binary.AppendUvarint(out, uint64(len(value)))

	plain := base // from here on nothing was written yet
	for i := base; i+minMatch <= len(text) && i < packLimit; {
		h := matchHash(text[i:])
		from := int(table[h])
		table[h] = uint16(i)
		n := 0
		for i+n < len(text) && text[from+n] == text[i+n] {
			n++
		}
		if n < minMatch {
			i++
			continue
		}
		out = appendPlain(out, text[plain:i])
		out = binary.AppendUvarint(out, uint64(n-minMatch))
		out = binary.AppendUvarint(out, uint64(i-from))
		for j := i + 1; j < i+n && j+minMatch <= len(text) && j < packLimit; j += 2 {
			table[matchHash(text[j:])] = uint16(j)
		}
		i += n
		plain = i
	}
	return appendPlain(out, text[plain:])
}

func appendPlain(out, b []byte) []byte {
	out = binary.AppendUvarint(out, uint64(len(b)))
	return append(out, b...)
}

var errPacked = errors.New("a stored value is damaged; restore the store from a backup")

// unpack reads what pack wrote, or plain JSON.
func unpack(stored []byte) ([]byte, error) {
	if len(stored) == 0 || stored[0] == '{' {
		return stored, nil
	}
	if stored[0] != 1 {
		return nil, fmt.Errorf("a stored value is packed in a way (%d) that this butler does not know; run the newer butler", stored[0])
	}
	r := reader{b: stored[1:]}
	size := r.number(unpackMax)
	const base = len(dictionary1)
	text := make([]byte, 0, base+min(size, 64*len(stored)))
	text = append(text, dictionary1...)
	for !r.bad {
		text = append(text, r.bytes(r.number(len(r.b)))...)
		if len(r.b) == 0 {
			break
		}
		n, back := r.number(size)+minMatch, r.number(len(text))
		if r.bad || back == 0 || len(text)+n > base+size {
			return nil, errPacked
		}
		for range n { // one by one: a match may overlap itself
			text = append(text, text[len(text)-back])
		}
	}
	if r.bad || len(text) != base+size {
		return nil, errPacked
	}
	return text[base:], nil
}

// reader takes packed bytes apart; bad once they make no sense.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number(most int) int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > uint64(most) {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}
