package dingfake

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"butler/integrations/fakery"
)

// The organisation in which the app is installed, and the app itself.
const (
	Corp    = "dingHOME"                       // the organisation of the staff
	App     = "00000000-0000-4000-8000-butler" // the app: eventUnifiedAppId
	Robot   = "管家"                             // the robot's name: people write @管家
	RobotID = "$:LWCP_v1:$butler0fake"         // the robot's cipher: chatbotUserId
	client  = "dingbutlerfake"                 // client id, app key and robot code of an internal app are one
	secret  = "fake-secret"
	schema  = "00000000-0000-4000-8000-card.schema"
	scene   = "00000000-0000-4000-8000-group"
)

// Limits of DingTalk that the fake keeps. Source: open.dingtalk.com, Stream mode,
// robot and card pages.
const (
	ticketLife   = 90 * time.Second // of a ticket, good for one handshake
	tokenLife    = 2 * time.Hour    // of an access token
	webhookLife  = 90 * time.Minute // of a session webhook, as in every official sample
	keyLife      = 24 * time.Hour   // in which a message can be recalled or asked about
	cardAnswer   = 2 * time.Second  // within which a click is answered
	farewell     = 10 * time.Second // from the disconnect frame to the end of the connection
	webhookPace  = 20               // messages a minute at the session webhooks of a robot
	webhookBlock = 10 * time.Minute // of silence, for whoever is faster
	pingEvery    = 10 * time.Second // between two SYSTEM pings; not documented
)

// Server is one fake DingTalk: an organisation, its gateway and its API.
type Server struct {
	ClientID      string // of the app: also its app key
	ClientSecret  string
	RobotCode     string
	Template      string // a card template that is published
	GroupTemplate string // a template for scene groups

	t    testing.TB
	http *httptest.Server
	mu   *fakery.Monitor // the lock over all below that changes, and the clock

	pauses      []time.Duration // before a message comes again
	eventPauses []time.Duration
	repushAfter time.Duration
	freshIDs    bool
	enveloped   bool
	greets      bool
	pingEvery   time.Duration
	goodbye     time.Duration
	answerIn    time.Duration
	webhookLife time.Duration
	perRoom     bool
	stringCodes bool
	qps         int
	quota       int
	permissions []string
	unpublished bool

	serial int
	luck   *rand.Rand

	users    map[string]*User
	rooms    map[string]*room
	messages []*Message
	changes  int64 // of messages so far
	cards    map[string]*Card
	dings    []*Ding
	files    map[string]*file
	links    map[string]*file
	unready  map[string]bool // card templates that exist and are not published
	founded  map[string]*room
	dingLeft map[int]int // by remind type; no entry for as many as one likes
	paces    map[string]*pace
	sessions map[string]*session

	calls    []Call
	allowed  map[string]bool
	faults   *fakery.Faults
	token    string
	tokenAge time.Time
	spent    map[string]int // calls that count, by month
	recent   map[string][]time.Time

	tickets    map[string]*ticket
	sockets    *fakery.Sockets[*conn]
	deliveries []*Delivery
	pushes     map[string][]*Delivery // by messageId
	shelf      *fakery.Shelf[*Delivery]
	twice      bool
	loseAcks   int
}

// Option changes how a server is made.
type Option func(*Server)

// Repush brings messages and clicks again that were not acknowledged within a
// time, with the same msgId: after each of the pauses, or once at once without
// any. The documents deny it; others have seen it after 15 to 60 s.
func Repush(within time.Duration, pauses ...time.Duration) Option {
	return func(s *Server) {
		if len(pauses) == 0 {
			pauses = []time.Duration{0}
		}
		s.repushAfter, s.pauses = within, pauses
	}
}

// FreshPushIDs gives every push that comes again a messageId of its own in its
// headers; without it the messageId stays.
func FreshPushIDs() Option { return func(s *Server) { s.freshIDs = true } }

// EventPauses sets the pauses before an event comes again that was not answered
// with SUCCESS within the time of Repush, or 5 s: 10 s, 30 s and 60 s unless said
// otherwise.
func EventPauses(pauses ...time.Duration) Option {
	return func(s *Server) { s.eventPauses = pauses }
}

// Enveloped puts the data of events into an envelope with eventType and eventId,
// as the printed examples of DingTalk show it.
func Enveloped() Option { return func(s *Server) { s.enveloped = true } }

// Greets sends SYSTEM frames CONNECTED and REGISTERED on every new connection, of
// which the Node client knows.
func Greets() Option { return func(s *Server) { s.greets = true } }

// PingEvery sets the time between two SYSTEM pings: 10 s unless said otherwise.
func PingEvery(d time.Duration) Option {
	return func(s *Server) { s.pingEvery = max(d, time.Millisecond) }
}

// Farewell sets the time between the disconnect frame and the end of a
// connection: 10 s at DingTalk.
func Farewell(d time.Duration) Option { return func(s *Server) { s.goodbye = d } }

// AnswerWithin sets the time in which a click has to be answered: 2 s at DingTalk.
func AnswerWithin(d time.Duration) Option { return func(s *Server) { s.answerIn = d } }

// Patience sets how long Expect and its sisters wait before the test fails: 5 s
// unless said otherwise.
func Patience(d time.Duration) Option { return func(s *Server) { s.mu.Patience = d } }

// WebhookLife sets how long a session webhook is good: 90 minutes unless said
// otherwise. Others have seen 30 seconds.
func WebhookLife(d time.Duration) Option { return func(s *Server) { s.webhookLife = d } }

// WebhookPerRoom counts the twenty a minute for each group alone.
func WebhookPerRoom() Option { return func(s *Server) { s.perRoom = true } }

// StringCodes writes every errcode as a string, as some answers of DingTalk do.
func StringCodes() Option { return func(s *Server) { s.stringCodes = true } }

// PerSecond throttles every call of the API beyond n in a second: 20 on the
// standard edition. Without it there is no limit.
func PerSecond(n int) Option { return func(s *Server) { s.qps = n } }

// Quota limits the calls of a month, of the zone of China, beyond which every one
// that counts is refused: 5 000 on the standard edition. Without it there is no
// limit.
func Quota(n int) Option { return func(s *Server) { s.quota = n } }

// Permissions sets what the app may do: qyapi_robot_sendmsg, Card.Instance.Write,
// Premium.Ding.Write, qyapi_chat_manage. A call beyond it answers 403 and names
// what it needs. Without it the app may do everything.
func Permissions(names ...string) Option { return func(s *Server) { s.permissions = names } }

// Unpublished leaves senderStaffId empty for everybody, as before the app has been
// published.
func Unpublished() Option { return func(s *Server) { s.unpublished = true } }

// DingQuota sets how many receivers of a means are left: 1 app, 2 SMS, 3 phone.
// The standard edition has none. Without it there is no limit.
func DingQuota(means, n int) Option { return func(s *Server) { s.dingLeft[means] = n } }

// Seed sets the luck by which a push finds its connection.
func Seed(n uint64) Option { return func(s *Server) { s.luck = rand.New(rand.NewPCG(n, n)) } }

// New starts a fake DingTalk on a free port of 127.0.0.1 and ends it with the
// test. Its organisation is empty: add people and groups.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	mu := fakery.NewMonitor(t, "dingfake")
	s := &Server{
		ClientID: client, ClientSecret: secret, RobotCode: client, Template: schema, GroupTemplate: scene,
		t:           t,
		mu:          mu,
		faults:      fakery.NewFaults(mu),
		sockets:     fakery.NewSockets[*conn](mu),
		shelf:       fakery.NewShelf(mu, (*Delivery).attempt),
		repushAfter: 5 * time.Second,
		eventPauses: []time.Duration{10 * time.Second, 30 * time.Second, time.Minute},
		pingEvery:   pingEvery,
		goodbye:     farewell,
		answerIn:    cardAnswer,
		webhookLife: webhookLife,
		luck:        rand.New(rand.NewPCG(1, 1)),
		users:       map[string]*User{},
		rooms:       map[string]*room{},
		cards:       map[string]*Card{},
		files:       map[string]*file{},
		links:       map[string]*file{},
		unready:     map[string]bool{},
		founded:     map[string]*room{},
		dingLeft:    map[int]int{},
		paces:       map[string]*pace{},
		sessions:    map[string]*session{},
		allowed:     map[string]bool{},
		spent:       map[string]int{},
		recent:      map[string][]time.Time{},
		tickets:     map[string]*ticket{},
		pushes:      map[string][]*Delivery{},
	}
	for _, o := range opts {
		o(s)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/connect", s.serveConnect)
	mux.HandleFunc("/robot/sendBySession", s.serveWebhook)
	mux.HandleFunc("/files/", s.serveFile)
	mux.HandleFunc("/", s.serveAPI)
	s.http = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// URL is where the gateway and both APIs are, without a slash at its end.
func (s *Server) URL() string { return s.http.URL }

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

// Skip moves the clock of the fake ahead: tokens, webhooks, tickets and the
// right to recall age by d, and a block or a month may end. Timers of
// acknowledgements and pings stay real.
func (s *Server) Skip(d time.Duration) { s.mu.Skip(d) }

// newID returns an id that nobody else has.
func (s *Server) newID(prefix string) string {
	s.serial++
	return fmt.Sprintf("%sFAKE%05d", prefix, s.serial)
}
