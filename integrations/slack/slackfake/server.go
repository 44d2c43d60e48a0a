package slackfake

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"butler/integrations/fakery"
)

// The workspace in which the app is installed, and the app itself.
const (
	Team     = "T0HOME"   // the workspace of the staff
	App      = "A0BUTLER" // the app
	BotUser  = "U0BUTLER" // the app's user: <@U0BUTLER> addresses it
	BotID    = "B0BUTLER" // the app's bot id: on every message it posts
	appToken = "xapp-1-A0BUTLER-fake"
	botToken = "xoxb-0HOME-fake"
)

// Limits of Slack that the fake keeps. Source: docs.slack.dev, Socket Mode,
// interactivity and message pages.
const (
	ackLimit       = 3 * time.Second  // an envelope is acknowledged within it, or it comes again
	triggerLife    = 3 * time.Second  // of a trigger_id
	responseLife   = 30 * time.Minute // of a response_url
	responseUses   = 5                // of a response_url
	maxConnections = 10               // of one app
	maxAck         = 20 * 1024        // bytes; a larger acknowledgement is dropped without a word
	ticketLife     = 30 * time.Second // of the link that apps.connections.open returns
)

// Server is one fake Slack: a workspace, its Web API and its sockets.
type Server struct {
	AppToken string // xapp-…: good for apps.connections.open only
	BotToken string // xoxb-…: good for everything else

	t    testing.TB
	http *httptest.Server
	mu   *fakery.Monitor // the lock over all below that changes, and the clock

	ackWithin time.Duration
	retries   []time.Duration
	pingEvery time.Duration

	lastTS int64 // microseconds of the youngest ts
	serial int

	users     map[string]*User
	channels  map[string]*channel
	order     []string // of channels
	messages  map[string]*Message
	threads   map[string][]*Message // by the ts of the first message; the answers alone
	changes   int64                 // of messages so far
	ephemeral []*Ephemeral
	views     []*View
	homes     map[string]*View
	files     map[string]*file
	develops  time.Duration // of a file, before it may be shown
	triggers  map[string]*trigger
	responses map[string]*response

	calls    []Call
	allowed  map[string]bool
	faults   *fakery.Faults
	scopes   []string
	spacing  time.Duration
	lastPost map[string]time.Time
	history  int // most messages of one page; 0 for Slack's own 999

	tickets    map[string]time.Time
	sockets    *fakery.Sockets[*conn]
	turn       int
	envelopes  map[string]*Delivery
	deliveries []*Delivery
	waiting    []*Delivery // for a connection
	shelf      *fakery.Shelf[*Delivery]
	twice      bool
	loseAcks   int
	subscribed []string
	echo       bool
}

// Option changes how a server is made.
type Option func(*Server)

// AckWithin sets the time after which an envelope without acknowledgement comes
// again: 3 s at Slack.
func AckWithin(d time.Duration) Option { return func(s *Server) { s.ackWithin = d } }

// Retries sets the pauses before each redelivery: at once, 1 min and 5 min at
// Slack. No pause at all means that nothing is redelivered.
func Retries(pauses ...time.Duration) Option { return func(s *Server) { s.retries = pauses } }

// PingEvery sets the time between two WebSocket pings of the server: 1 s unless
// said otherwise, and never more than 10 s.
func PingEvery(d time.Duration) Option {
	return func(s *Server) { s.pingEvery = min(max(d, time.Millisecond), 10*time.Second) }
}

// Patience sets how long Expect and its sisters wait before the test fails: 5 s
// unless said otherwise.
func Patience(d time.Duration) Option { return func(s *Server) { s.mu.Patience = d } }

// Scopes sets what the bot token may do; a method beyond it answers
// missing_scope. Without it the token may do everything.
func Scopes(scopes ...string) Option { return func(s *Server) { s.scopes = scopes } }

// Spacing makes chat.postMessage answer 429 with Retry-After when a channel is
// posted to twice within d: 1 s at Slack.
func Spacing(d time.Duration) Option { return func(s *Server) { s.spacing = d } }

// HistoryPage limits one page of conversations.history and replies: 15 for new
// apps outside the Marketplace.
func HistoryPage(n int) Option { return func(s *Server) { s.history = n } }

// Subscribed sets the events of the app's manifest: message.channels,
// app_mention, reaction_added, … Others are not delivered. Without it the app
// hears everything.
func Subscribed(events ...string) Option { return func(s *Server) { s.subscribed = events } }

// WithoutEcho stops the events about the app's own posts, edits and deletions,
// as in an app without the message subscriptions.
func WithoutEcho() Option { return func(s *Server) { s.echo = false } }

// New starts a fake Slack on a free port of 127.0.0.1 and ends it with the test.
// Its workspace has nobody in it but the app: add people and channels.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	mu := fakery.NewMonitor(t, "slackfake")
	s := &Server{
		AppToken: appToken, BotToken: botToken,
		t:         t,
		mu:        mu,
		faults:    fakery.NewFaults(mu),
		sockets:   fakery.NewSockets[*conn](mu),
		shelf:     fakery.NewShelf(mu, (*Delivery).attempt),
		ackWithin: ackLimit,
		retries:   []time.Duration{0, time.Minute, 5 * time.Minute},
		pingEvery: time.Second,
		users:     map[string]*User{},
		channels:  map[string]*channel{},
		messages:  map[string]*Message{},
		threads:   map[string][]*Message{},
		homes:     map[string]*View{},
		files:     map[string]*file{},
		triggers:  map[string]*trigger{},
		responses: map[string]*response{},
		allowed:   map[string]bool{},
		lastPost:  map[string]time.Time{},
		tickets:   map[string]time.Time{},
		envelopes: map[string]*Delivery{},
		echo:      true,
	}
	for _, o := range opts {
		o(s)
	}
	s.users[BotUser] = &User{ID: BotUser, Name: "butler", Team: Team, Bot: true}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", s.serveAPI)
	mux.HandleFunc("/link", s.serveLink)
	mux.HandleFunc("/respond/", s.serveResponse)
	mux.HandleFunc("/upload/", s.serveUpload)
	mux.HandleFunc("/files/", s.serveFile)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Complain("somebody asked for %s %s, which Slack does not have", r.Method, r.URL.Path)
		http.NotFound(w, r)
	})
	s.http = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// URL is the base of the Web API, with the slash at its end that clients need.
func (s *Server) URL() string { return s.http.URL + "/api/" }

// Close ends the server and every connection. New does it at the end of the test.
func (s *Server) Close() {
	if s.mu.Close() {
		s.sockets.Close()
		s.http.CloseClientConnections()
		s.http.Close()
	}
}

// Now is the time by the clock of the fake.
func (s *Server) Now() time.Time { return s.mu.Now() }

// Skip moves the clock of the fake ahead: trigger ids and response urls age by
// d, and so does the spacing of posts. Timers of acknowledgements stay real.
func (s *Server) Skip(d time.Duration) { s.mu.Skip(d) }

// newTS returns a ts that nobody else has, younger than all before: seconds and
// six decimals.
func (s *Server) newTS() string {
	s.lastTS = max(s.mu.Now().UnixMicro(), s.lastTS+1)
	return stamp(s.lastTS)
}

// tsAt returns a ts that nobody else has, at a moment or right behind it.
func (s *Server) tsAt(at time.Time) string {
	for us := at.UnixMicro(); ; us++ {
		if ts := stamp(us); s.messages[ts] == nil {
			s.lastTS = max(s.lastTS, us)
			return ts
		}
	}
}

func stamp(us int64) string { return fmt.Sprintf("%d.%06d", us/1e6, us%1e6) }

// newID returns an id that nobody else has.
func (s *Server) newID(prefix string) string {
	s.serial++
	return fmt.Sprintf("%s0FAKE%04d", prefix, s.serial)
}

// Moment turns a ts into the time it stands for.
func Moment(ts string) time.Time {
	var sec, us int64
	if n, _ := fmt.Sscanf(strings.Replace(ts, ".", " ", 1), "%d %d", &sec, &us); n != 2 {
		return time.Time{}
	}
	return time.Unix(sec, us*1000).UTC()
}
