package dingtalk

import (
	"cmp"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"butler/bot"
	"butler/bot/card"
)

// Addresses of DingTalk itself.
const (
	apiURL  = "https://api.dingtalk.com"
	oapiURL = "https://oapi.dingtalk.com"
)

// callTimeout bounds one call; half the lease of a letter.
const callTimeout = 10 * time.Second

// Options is what a Platform is made of.
type Options struct {
	ClientID      string    // AppKey
	ClientSecret  string    // AppSecret
	RobotCode     string    // the client id when empty
	CardTemplate  string    // of the boards; "" for markdown without buttons
	GroupTemplate string    // of the scene groups that /onboard makes; "" for none
	Ding          []string  // the means that are paid for, of app, sms, phone; the first is the first to be used
	MonthlyCalls  int64     // of the organisation; 0: not counted
	APIURL        string    // of gateway and OpenAPI, without a slash at its end
	OAPIURL       string    // of the older API
	Pace          *bot.Pace // of this process' sendings in all rooms; nil: UsualPace
	Log           *slog.Logger
	// Draw makes the picture of a card's chart, a PNG; nil: its words have to do.
	Draw func(card.Chart) ([]byte, error)
}

// Platform is DingTalk as the bot sees it. It is safe for concurrent use.
type Platform struct {
	Count Counters

	o    Options
	log  *slog.Logger
	http *http.Client
	host bot.Host // nil: nobody is asked
	told told     // which notice each of our messages told

	sessions sessions // webhooks by which rooms can be answered
	health   health   // what Ready tells
	speech            // what speaking remembers
	pace     pace     // of connections
}

// Counters are for the operator. They name no customer.
type Counters struct {
	Noise   atomic.Int64 // pushes that concern nobody
	Poison  atomic.Int64 // pushes that could not be read; acknowledged all the same
	Refused atomic.Int64 // messages the bot did not take
	Again   atomic.Int64 // pushes that had come before
	Blank   atomic.Int64 // messages without their words: the callbacks of the month are used up
	Opened  atomic.Int64 // connections
	Zombies atomic.Int64 // connections replaced because nothing came over them
	Calls   atomic.Int64 // of the OpenAPI

	Dings       atomic.Int64 // DINGs that went out
	DingsFailed atomic.Int64 // that did not, by the means that was asked for

	Pictures   atomic.Int64 // uploaded
	Unpictured atomic.Int64 // messages that went without their picture
}

// New returns the platform. It calls nobody; Listen does.
func New(o Options) *Platform {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.RobotCode = cmp.Or(o.RobotCode, o.ClientID)
	o.APIURL, o.OAPIURL = cmp.Or(o.APIURL, apiURL), cmp.Or(o.OAPIURL, oapiURL)
	if o.Pace == nil {
		o.Pace = UsualPace()
	}
	p := &Platform{o: o, log: o.Log, pace: usual, http: &http.Client{Timeout: callTimeout, Transport: http.DefaultTransport.(*http.Transport).Clone()}}
	p.speak()
	return p
}

// Meet says whom to ask for rooms, homes and numbers; called once, before Listen.
func (p *Platform) Meet(h bot.Host) { p.host = h }

// Name is the word before the colon of DingTalk's addresses.
func (p *Platform) Name() string { return "dingtalk" }
