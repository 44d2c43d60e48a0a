package probe

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"butler/bot/desk"
)

// Check is one kind of look.
type Check string

// The checks; doc.go says what each of them looks at.
const (
	Availability Check = "availability"
	Page         Check = "page"
	Headers      Check = "headers"
	Paths        Check = "paths"
	TLS          Check = "tls"
	DNS          Check = "dns"
	Mail         Check = "mail"
	Ports        Check = "ports"
)

// Gentle are the checks that any visitor makes; they may run at any time.
var Gentle = []Check{Availability, Page, Headers, TLS, DNS, Mail}

// Scans are the checks that knock where visitors do not. They belong into the
// customer's quiet window (whitepaper §6.2) and need the authorisation of §3.1.2.
var Scans = []Check{Paths, Ports}

// Layer is the layer of the daily inspection that a check belongs to (whitepaper
// §3.1.3.1). No check speaks for the layers product and data: those need an
// account with the customer's products.
func (c Check) Layer() desk.Layer {
	switch c {
	case DNS, Mail:
		return desk.LayerNetwork
	case Ports:
		return desk.LayerHost
	}
	return desk.LayerApplication
}

// Seen is one check of one asset: what was looked at, also when all is fine.
type Seen struct {
	Asset  string     `json:"asset"`
	Check  Check      `json:"check"`
	Layer  desk.Layer `json:"layer"`
	At     time.Time  `json:"at"`
	Looked bool       `json:"looked"` // false: it could not be looked at, wholly; Detail says why
	OK     bool       `json:"ok"`     // looked at, and nothing was found

	// Took is how long the asset took to answer: of several tries the median; zero
	// where it does not apply.
	Took   time.Duration `json:"took,omitempty"`
	Tries  int           `json:"tries,omitempty"` // availability: how often it was tried
	Good   int           `json:"good,omitempty"`  // availability: how many tries were answered
	Detail Words         `json:"detail"`

	only string // the one kind of findings that this look can call fixed; "" for all of the check
}

// Finding is something that should not be so. It keeps its ID as long as it is the
// same matter: the same kind, asset and subject.
type Finding struct {
	ID       string        `json:"id"`
	Asset    string        `json:"asset"`
	Check    Check         `json:"check"`
	Kind     string        `json:"kind"`              // dns-changed, port-open, …
	Subject  string        `json:"subject,omitempty"` // what of the asset: a port, a host, a record
	Layer    desk.Layer    `json:"layer"`
	Severity desk.Severity `json:"severity"`
	Title    Words         `json:"title"`
	Detail   Words         `json:"detail"`
	First    time.Time     `json:"first"` // when it was found
	Last     time.Time     `json:"last"`  // when it was seen last

	// Stale: it was found at an earlier look and could not be looked at again.
	Stale bool `json:"stale,omitempty"`
	// Change: it is a difference from what was normal, and Accept makes it normal.
	Change bool `json:"change,omitempty"`
}

// id names a matter for ever.
func id(kind, asset, subject string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + asset + "\x00" + subject))
	return kind + "-" + hex.EncodeToString(sum[:6])
}
