package slack

import (
	"errors"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"butler/bot"
	"butler/bot/card"
)

// Timings that are ours to choose.
const (
	callTimeout = 10 * time.Second // of one call of the Web API; half the lease of a letter
	mendWait    = 15 * time.Second // before a call is repeated that an operator has to mend
)

// Options is what a Platform is made of.
type Options struct {
	AppToken string // xapp-…, for Socket Mode
	BotToken string // xoxb-…, for the Web API
	APIURL   string // with a slash at its end; "" for Slack itself
	Log      *slog.Logger
	// Draw makes the picture of a card's chart, a PNG; nil: its words have to do.
	Draw func(card.Chart) ([]byte, error)
	// Silence is how long the connection may be without a ping of Slack before it
	// is opened anew; 0 means 30 s.
	Silence time.Duration
	// Pace is how fast this process posts in the whole workspace; nil means UsualPace.
	Pace *bot.Pace
}

// Platform is Slack as the bot sees it. It is safe for concurrent use.
type Platform struct {
	Count Counters

	o         Options
	log       *slog.Logger
	transport *http.Transport
	api       *slack.Client
	state     state
	self      atomic.Pointer[self]
	host      bot.Host    // nil: nobody is asked
	directs   sync.Map    // user id → channel of the one-to-one chat
	changed   atomic.Bool // something that pages show
	names     names       // of people who are not in the config
	reach     reach       // of looking back
	album     album       // of pictures that were uploaded
	tries     sync.Map    // key of a notice → time of the first attempt that may have arrived
}

// Counters are for the operator. They name no customer.
type Counters struct {
	Noise    atomic.Int64 // events that concern nobody: joins, topics, own and other apps' messages
	Poison   atomic.Int64 // envelopes that could not be read; acknowledged all the same
	Refused  atomic.Int64 // envelopes that the bot did not take; Slack delivers them again
	Overflow atomic.Int64 // envelopes that found the queue full; Slack delivers them again
	Opened   atomic.Int64 // connections
	Missed   atomic.Int64 // messages that were said while there was no connection, and fetched later

	Pictures   atomic.Int64 // uploaded
	Unpictured atomic.Int64 // messages that went without their picture
}

// self is who the app is in its workspace, and where the workspace is:
// https://team.slack.com/.
type self struct{ user, bot, app, url string }

var (
	_ bot.Platform = (*Platform)(nil)
	_ bot.Editor   = (*Platform)(nil)
	_ bot.Guest    = (*Platform)(nil)
)

// New returns the platform. It calls nobody; Listen does.
func New(o Options) *Platform {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.APIURL == "" {
		o.APIURL = slack.APIURL
	}
	if o.Silence == 0 {
		o.Silence = 30 * time.Second
	}
	if o.Pace == nil {
		o.Pace = UsualPace()
	}
	p := &Platform{o: o, log: o.Log, transport: http.DefaultTransport.(*http.Transport).Clone(), reach: usual}
	p.transport.MaxIdleConnsPerHost = 16 // as many as letters are on their way at once
	p.api = slack.New(o.BotToken, slack.OptionAppLevelToken(o.AppToken), slack.OptionAPIURL(o.APIURL),
		slack.OptionHTTPClient(&http.Client{Timeout: callTimeout, Transport: p.transport}), slack.OptionLog(log.New(io.Discard, "", 0)))
	p.state.down("slack: is not connected yet")
	return p
}

// Meet says whom to ask for forms, pages and rooms; called once, before Listen.
func (p *Platform) Meet(h bot.Host) { p.host = h }

// Name is the word before the colon of Slack's addresses.
func (p *Platform) Name() string { return "slack" }

// Ready is nil while the connection stands and no token or scope is missing; the
// error is one line for the operator.
func (p *Platform) Ready() error {
	if why := p.state.why(); why != "" {
		return errors.New(why)
	}
	return nil
}

// state is what Ready tells.
type state struct {
	mu   sync.Mutex
	line string            // why there is no connection; "" when there is one
	bad  map[string]defect // by method
}

// defect is what an operator has to mend: a scope, or else the token itself.
type defect struct {
	scope bool
	line  string
}

func (s *state) down(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line = why
}

func (s *state) up() { s.down("") }

func (s *state) broke(method string, d defect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bad == nil {
		s.bad = map[string]defect{}
	}
	s.bad[method] = d
}

// works says that Slack did what a method asked: its scopes are there, and the
// token is good.
func (s *state) works(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bad, method)
	maps.DeleteFunc(s.bad, func(_ string, d defect) bool { return !d.scope })
}

// why is the connection's trouble before that of a method.
func (s *state) why() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != "" || len(s.bad) == 0 {
		return s.line
	}
	return s.bad[slices.Min(slices.Collect(maps.Keys(s.bad)))].line
}
