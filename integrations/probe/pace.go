package probe

import "time"

// The budget of one asset and one look.
const (
	maxBody  = 2 << 20         // bytes of bodies, unpacked
	maxWire  = 3 << 20         // bytes of everything: headers, handshakes, what is packed
	maxPage  = 1 << 20         // bytes of one page
	parallel = 4               // assets that are looked at side by side in one Look
	tries    = 3               // of an availability check
	slow     = 5 * time.Second // from which on a page is called slow
)

// MaxAssets is how many assets of one job are looked at; of the others it is said
// that nobody looked.
const MaxAssets = 200

// pace is how fast and how patient a prober is. Tests are in a hurry.
type pace struct {
	pause     time.Duration // before the next connection to the same address, and up to as much again
	retry     time.Duration // before trying again what did not answer
	connect   time.Duration // until a connection stands
	knock     time.Duration // the same, where only a port is knocked on
	greeting  time.Duration // until a service says something
	handshake time.Duration // TLS
	header    time.Duration // until the answer begins
	try       time.Duration // one visit with its redirects and its body
	asset     time.Duration // all of one asset
}

// polite is the pace of production.
var polite = pace{
	pause: 150 * time.Millisecond, retry: 2 * time.Second,
	connect: 5 * time.Second, knock: 1500 * time.Millisecond, greeting: time.Second,
	handshake: 8 * time.Second, header: 10 * time.Second, try: 15 * time.Second, asset: 60 * time.Second,
}
