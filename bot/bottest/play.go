package bottest

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Play is a parsed play.
type Play struct {
	Name  string // of the file
	Steps []Step
	Head  []string // comment and empty lines before the first step
}

// Step is one line of a play with what the bot is expected to say to it.
type Step struct {
	Line int    // in the file, 1-based
	Raw  string // as written
	Verb string // say, click, at, wait, crash, down, redeliver, advise, finding, read, show
	At   time.Time
	For  time.Duration

	Customer string
	Room     string // front, back, direct
	Thread   int
	Person   string
	Text     string
	Fields   []string // of advise, finding, read, show, down
	Body     map[string]any

	Want []string // the bot's lines as written
	Tail []string // comments and empty lines after them
}

var speech = regexp.MustCompile(`^([\p{L}\p{N}_.-]+)(?:/(front|back|direct))?(?:#(\d+))?\s+([^\s:：]+)\s*[:：]\s*(.*)$`)

// ParsePlay reads a play. All mistakes are reported at once, each as
// name:line: what is wrong; what would be right. An "at" in the past is one.
func ParsePlay(name, text string) (*Play, error) {
	p := &Play{Name: name}
	var errs []error
	bad := func(line int, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s:%d: %s", name, line, fmt.Sprintf(format, args...)))
	}
	var now time.Time
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if n := len(lines); n > 0 && lines[n-1] == "" {
		lines = lines[:n-1]
	}
	for i, raw := range lines {
		no := i + 1
		trim := strings.TrimSpace(raw)
		switch {
		case trim == "" || strings.HasPrefix(trim, "//"):
			if len(p.Steps) == 0 {
				p.Head = append(p.Head, raw)
			} else {
				s := &p.Steps[len(p.Steps)-1]
				s.Tail = append(s.Tail, raw)
			}
			continue
		case raw[0] == ' ' || raw[0] == '\t':
			if len(p.Steps) == 0 {
				bad(no, "a line of the bot stands before anything happened; begin with a verb such as at, wait, or CUSTOMER PERSON: words")
				continue
			}
			s := &p.Steps[len(p.Steps)-1]
			s.Want = append(s.Want, strings.TrimRight(raw, " \t"))
			continue
		}
		s, err := parseStep(trim)
		if err != nil {
			bad(no, "%v", err)
			continue
		}
		s.Line, s.Raw = no, raw
		if s.Verb == "at" {
			if s.At.Before(now) {
				bad(no, "at %s lies in the past: the play stands at %s; a play only goes forward", s.At.Format(time.RFC3339), now.Format(time.RFC3339))
				continue
			}
			now = s.At
		} else {
			if now.IsZero() {
				now = DefaultStart
			}
			if s.Verb == "wait" || s.Verb == "crash" {
				now = now.Add(s.For)
			}
		}
		p.Steps = append(p.Steps, s)
	}
	if len(p.Steps) == 0 && len(errs) == 0 {
		bad(1, "the play is empty; write e.g. \"acme lihua: 网站打不开了\"")
	}
	return p, errors.Join(errs...)
}

// DefaultStart is when a play begins that does not say: a Monday, 09:30 in Shanghai.
var DefaultStart = time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC)

func parseStep(line string) (Step, error) {
	verb, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	s := Step{Verb: verb, Fields: strings.Fields(rest)}
	var err error
	switch verb {
	case "at":
		s.At, err = parseAt(rest)
		return s, err
	case "wait":
		s.For, err = ParseSpan(rest)
		return s, err
	case "crash":
		if rest != "" {
			s.For, err = ParseSpan(rest)
		}
		return s, err
	case "down":
		if len(s.Fields) != 2 {
			return s, errors.New("down needs a platform and how long: down slack 10m")
		}
		s.For, err = ParseSpan(s.Fields[1])
		return s, err
	case "redeliver":
		if rest != "" {
			return s, fmt.Errorf("redeliver takes nothing, not %q: it repeats the last message", rest)
		}
		return s, nil
	case "finding":
		return parseBody(s, rest, 1, `finding acme {"id":"f1","layer":"host","asset":"10.0.0.1","title":"…","severity":"high"}`)
	case "advise":
		return parseBody(s, rest, 2, `advise acme 1 {"label":"incident","urgent":true,"draft":"…"}`)
	case "read":
		if len(s.Fields) != 2 {
			return s, errors.New("read needs a customer and a person: read acme chen")
		}
		s.Customer, s.Person = s.Fields[0], s.Fields[1]
		return s, nil
	case "show":
		return parseShow(s)
	}
	m := speech.FindStringSubmatch(line)
	if m == nil {
		return s, fmt.Errorf("%q is no line of a play; it is CUSTOMER[/back] PERSON: words, or one of at, wait, crash, down, redeliver, advise, finding, read, show", verb)
	}
	s.Verb, s.Customer, s.Room, s.Person, s.Text = "say", m[1], m[2], m[4], strings.ReplaceAll(m[5], `\n`, "\n")
	if s.Room == "" {
		s.Room = "front"
	}
	s.Thread, _ = strconv.Atoi(m[3])
	if cmd, ok := strings.CutPrefix(s.Text, "click "); ok {
		s.Verb, s.Text = "click", strings.TrimSpace(cmd)
	}
	if s.Text == "" {
		return s, fmt.Errorf("%s says nothing; write words behind the colon", s.Person)
	}
	return s, nil
}

func parseAt(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("at %q is no time; write it with its offset: at 2026-11-23T02:00:00+08:00", s)
}

// ParseSpan reads a duration: Go's, plus days (15d, 1d12h). It must be positive.
func ParseSpan(s string) (time.Duration, error) {
	days, rest, ok := strings.Cut(s, "d")
	var d time.Duration
	if ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || n < 0 || n > 36500 {
			return 0, fmt.Errorf("%q is no duration; write e.g. 90s, 12m, 20h or 15d", s)
		}
		d = time.Duration(n * 24 * float64(time.Hour))
		s = rest
	}
	if s != "" {
		more, err := time.ParseDuration(s)
		if err != nil {
			return 0, fmt.Errorf("%q is no duration; write e.g. 90s, 12m, 20h or 15d", s)
		}
		d += more
	} else if !ok {
		return 0, errors.New("a duration is missing; write e.g. wait 12m")
	}
	if d < 0 {
		return 0, fmt.Errorf("%q goes backwards; a play only goes forward", s)
	}
	return d, nil
}

// parseBody reads n words (customer, case) and a JSON object.
func parseBody(s Step, rest string, n int, example string) (Step, error) {
	brace := strings.IndexByte(rest, '{')
	if brace < 0 {
		return s, fmt.Errorf("%s needs a JSON object: %s", s.Verb, example)
	}
	s.Fields = strings.Fields(rest[:brace])
	if len(s.Fields) != n {
		return s, fmt.Errorf("%s needs %d words before the object: %s", s.Verb, n, example)
	}
	s.Customer = s.Fields[0]
	if n == 2 {
		var err error
		if s.Thread, err = strconv.Atoi(strings.TrimPrefix(s.Fields[1], "#")); err != nil {
			return s, fmt.Errorf("%q is no case number: %s", s.Fields[1], example)
		}
	}
	if err := json.Unmarshal([]byte(rest[brace:]), &s.Body); err != nil {
		return s, fmt.Errorf("the object of %s cannot be read: %v; e.g. %s", s.Verb, err, example)
	}
	return s, nil
}

// parseShow reads show desk|timers|timeline|explain [CUSTOMER] [N]; CUSTOMER#N
// is understood too.
func parseShow(s Step) (Step, error) {
	usage := errors.New("show needs one of desk, timers, timeline, explain, and for the last two a case: show explain 1, or show explain acme 1")
	if len(s.Fields) == 0 || len(s.Fields) > 3 {
		return s, usage
	}
	switch s.Text = s.Fields[0]; s.Text {
	case "desk", "timers", "timeline", "explain":
	default:
		return s, usage
	}
	for _, f := range s.Fields[1:] {
		customer, num, split := strings.Cut(f, "#")
		if split {
			s.Customer = customer
			f = num
		}
		if n, err := strconv.Atoi(f); err == nil {
			s.Thread = n
		} else if !split {
			s.Customer = f
		} else {
			return s, usage
		}
	}
	if s.Text == "explain" && s.Thread == 0 {
		return s, usage
	}
	return s, nil
}
