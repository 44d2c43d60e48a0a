package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
)

// The stored form: JSON with a schema number. The head holds all but the cases;
// every case is a field of its own, so that a commit writes only what changed.

// EncodeHead returns the stored form of the desk without its cases.
func (d Desk) EncodeHead() []byte {
	d.Schema = Schema
	return mustJSON(d)
}

// Encode returns the stored form of a case.
func (c Case) Encode() []byte { return mustJSON(c) }

// Decode reads a desk back from its head and its cases (number → stored form).
// A newer schema, or bytes that are no desk, are an error that says what to do.
func Decode(head []byte, cases map[int][]byte) (Desk, error) {
	var d Desk
	if err := json.Unmarshal(head, &d); err != nil {
		return Desk{}, fmt.Errorf("the stored desk is damaged: %w; restore the store from a backup", err)
	}
	if d.Schema > Schema {
		return Desk{}, fmt.Errorf("the store holds desks of schema %d and this butler knows schema %d; run the newer butler, or restore a backup made before it", d.Schema, Schema)
	}
	if d.Schema < 1 {
		return Desk{}, fmt.Errorf("the stored desk has no schema number; restore the store from a backup")
	}
	d.Cases = make([]Case, 0, len(cases))
	for n, b := range cases {
		var c Case
		if err := json.Unmarshal(b, &c); err != nil {
			return Desk{}, fmt.Errorf("case %d of %s is damaged: %w; restore the store from a backup", n, d.Customer, err)
		}
		d.Cases = append(d.Cases, c)
	}
	sort.Slice(d.Cases, func(i, j int) bool { return d.Cases[i].N < d.Cases[j].N })
	return d, nil
}

// Encode returns the stored form of a record. The journal's chain hashes these
// bytes, so they are kept as they were written.
func (r Record) Encode() []byte { return mustJSON(r) }

// DecodeRecord reads what Record.Encode wrote.
func DecodeRecord(b []byte) (Record, error) {
	var r Record
	err := json.Unmarshal(b, &r)
	return r, err
}

// Hash is the link of the journal's chain: the SHA-256 of an encoded record.
func Hash(record []byte) string {
	sum := sha256.Sum256(record)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// EncodeNotice returns the stored form of a notice.
func EncodeNotice(n Notice) []byte { return mustJSON(n) }

// DecodeNotice reads what EncodeNotice wrote.
func DecodeNotice(b []byte) (Notice, error) {
	var n Notice
	err := json.Unmarshal(b, &n)
	return n, err
}

type storedInput struct {
	Input
	Do   string          `json:"do"`
	Body json.RawMessage `json:"body"`
}

// EncodeInput returns an input in a form that DecodeInput reads back, for
// parked inputs and logs of plays.
func EncodeInput(in Input) []byte {
	return mustJSON(storedInput{Input: in, Do: Name(in.Act), Body: mustJSON(in.Act)})
}

// DecodeInput reads what EncodeInput wrote.
func DecodeInput(b []byte) (Input, error) {
	var s storedInput
	if err := json.Unmarshal(b, &s); err != nil {
		return Input{}, err
	}
	for _, a := range acts {
		if a.act() == s.Do {
			v := reflect.New(reflect.TypeOf(a))
			if err := json.Unmarshal(s.Body, v.Interface()); err != nil {
				return Input{}, fmt.Errorf("input %s: %w", s.Do, err)
			}
			s.Act = v.Elem().Interface().(Act)
			return s.Input, nil
		}
	}
	return Input{}, fmt.Errorf("no input is called %q", s.Do)
}

// acts lists one of each, for decoding and for tests that go through them all.
var acts = []Act{
	Said{}, Edited{}, Deleted{}, Report{}, Claim{}, Unclaim{}, Assign{}, Reply{}, Note{}, Raise{}, Lower{},
	SetSeverity{}, SetCategory{}, Ask{}, Resume{}, Stage{}, Resolve{}, Confirm{}, Reopen{}, Merge{}, Link{},
	Close{}, Recur{}, Fine{}, Assist{}, Sort{}, Onboard{}, Bind{}, Founded{}, NoRoom{}, Recall{}, Missed{}, InspectNow{}, Query{}, Misread{}, Found{}, Looked{}, Heard{}, Accept{}, Fix{}, Retest{}, Advised{},
	ReadBy{}, Told{}, Untold{}, Gap{}, Contract{}, Parked{}, Woke{},
}

func mustJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("encoding %T: %v", v, err))
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
