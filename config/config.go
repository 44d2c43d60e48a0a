package config

import (
	"fmt"
	"os"
	"path/filepath"

	"butler/bot/desk"
	"butler/sla"
)

// Options say where a file is loaded.
type Options struct {
	// Env looks up an environment variable; nil knows none.
	Env func(string) (string, bool)
	// Play loads for a play: nothing is connected, so an unset ${NAME} and a
	// secret file that is not there are no mistakes, and rooms may name any
	// platform.
	Play bool
}

// Config is one butler.yaml, read and checked. It is not written to after Load.
type Config struct {
	Path     string // as given to Load
	Store    string // file:PATH (absolute or relative to the working directory), or a redis address
	Listen   string // host:port of health, metrics, findings and board
	Language string // zh-CN or en; the default of rooms and people
	LogLevel string // debug, info, warn or error

	// The sections of the platforms and of the model; nil when left out.
	Slack    *Slack
	DingTalk *DingTalk
	Sandbox  *Sandbox
	OpenAI   *OpenAI

	Findings  []Source
	People    []Person
	Duties    map[string]sla.Duty
	Customers []Customer
	Calendar  *sla.Calendar
	Editions  map[string]sla.Edition

	// Warnings are things that work, but probably not as meant.
	Warnings []Error

	terms map[string]*desk.Terms
}

// Slack is the section slack.
type Slack struct {
	AppToken, BotToken Secret
	APIURL             string // ends with a slash; "" for Slack itself
}

// DingTalk is the section dingtalk.
type DingTalk struct {
	ClientID     string
	ClientSecret Secret
	RobotCode    string // the client id when left out
	CardTemplate string // "" for markdown cards
	// GroupTemplate makes the scene groups of /onboard; "" for none.
	GroupTemplate string
	// Ding are the means beyond a message that are paid for, the weakest first.
	Ding []desk.Means
	// MonthlyCalls is the organisation's limit; 5000 when left out, 0 for none.
	MonthlyCalls int
	APIURL       string // without a slash at the end; "" for DingTalk itself
	OAPIURL      string // the same, of the older API
}

// Sandbox is the section sandbox: the web page on which anyone can play.
type Sandbox struct {
	Listen string
	Token  Secret
}

// OpenAI is the section openai: any endpoint that speaks this API.
type OpenAI struct {
	BaseURL string
	APIKey  Secret // "" for endpoints that want none
	Model   string
	// MonthlyTokens is what may be spent in a month of Asia/Shanghai; 0 counts
	// nothing.
	MonthlyTokens int
}

// Source is one sender of findings.
type Source struct {
	Name      string
	Token     Secret
	Customers []string // ids it may speak about; all of them when the key is left out
	Layers    []string // of which it speaks; none when the key is left out
	// Format is how it speaks: butler, alertmanager or mapping. Map says where each
	// field stands; nil when the key is left out.
	Format string
	Map    *Map
	// TokenInURL takes the token also as ?token= and as the password of HTTP Basic.
	TokenInURL bool
}

// Person is one of people: staff.
type Person struct {
	ID, Name string
	Role     desk.Role
	Language string
	IDs      map[string]string // by platform
}

// Customer is one of customers, as far as the shell needs it; what the rules
// need is in its desk.Terms.
type Customer struct {
	ID, Name    string
	Front, Back Address
	Contacts    []Contact
	Duty        string // key of duty
	Advice      bool   // the model may be asked about this customer
}

// Contact is one of a customer's named people.
type Contact struct {
	ID, Name string
	IDs      map[string]string // by platform
}

// Address is a room: platform:id.
type Address struct{ Platform, ID string }

// String writes the address as the file does.
func (a Address) String() string { return a.Platform + ":" + a.ID }

// Platforms are the platforms a room and a person may name, in the order in
// which messages list them.
var Platforms = []string{"slack", "dingtalk", "sandbox"}

// Place is what a room is to the bot: whose, and which side.
type Place struct {
	Customer string
	Room     desk.Room // desk.Front or desk.Back
}

// Rooms returns every configured room. A front has one place; a back room that
// customers share has one for each of them, in the order of the file.
func (c *Config) Rooms() map[Address][]Place {
	rooms := map[Address][]Place{}
	for _, cu := range c.Customers {
		rooms[cu.Front] = append(rooms[cu.Front], Place{cu.ID, desk.Front})
		rooms[cu.Back] = append(rooms[cu.Back], Place{cu.ID, desk.Back})
	}
	return rooms
}

// Terms returns the terms of every customer by id. They are shared and must not
// be written to.
func (c *Config) Terms() map[string]*desk.Terms {
	all := make(map[string]*desk.Terms, len(c.terms))
	for id, t := range c.terms {
		all[id] = t
	}
	return all
}

// Person returns one of the staff by id.
func (c *Config) Person(id string) (Person, bool) {
	for _, p := range c.People {
		if p.ID == id {
			return p, true
		}
	}
	return Person{}, false
}

// Load reads and checks a file. The error is Errors when the file was read and
// is wrong; then the Config is nil.
func Load(path string, o Options) (*Config, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, Errors{{File: path, Message: fileProblem(err)}}
	}
	return Parse(path, filepath.Dir(path), src, o)
}

// Parse reads and checks a source that did not come from Load. name is what
// errors call it, dir the folder to which its paths are relative.
func Parse(name, dir string, src []byte, o Options) (*Config, error) {
	var errs []Error
	r := &reader{name: name, dir: dir, opts: o, errs: &errs}
	c := &Config{Path: name}
	if body := r.parse(src); body != nil {
		raw := r.file(body)
		r.resolve(raw, c)
	}
	if len(errs) > 0 {
		sortErrors(name, errs)
		return nil, Errors(errs)
	}
	sortErrors(name, c.Warnings)
	return c, nil
}

func (c *Config) warn(r *reader, at pos, format string, args ...any) {
	c.Warnings = append(c.Warnings, Error{File: r.name, Line: at.line, Column: at.col, Message: fmt.Sprintf(format, args...)})
}
