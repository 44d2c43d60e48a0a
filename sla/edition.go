package sla

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Matter is one line of the contract: what kind of request a promise covers.
type Matter string

// The matters of the whitepaper, chapter 5. Every edition has a row for each.
const (
	IncidentUrgent Matter = "incident.urgent"      // 紧急安全事件
	IncidentNormal Matter = "incident.normal"      // 非紧急安全事件
	VulnHigh       Matter = "vulnerability.high"   // 高危漏洞
	VulnMedium     Matter = "vulnerability.medium" // 中危漏洞
	VulnLow        Matter = "vulnerability.low"    // 低危漏洞
	Consultation   Matter = "consultation"         // 安全架构咨询
	Policy         Matter = "policy"               // 安全策略管理
	Onboarding     Matter = "onboarding"           // 首次沟通, §3.2.1
)

// Matters lists every matter in the order in which a promise sheet shows them.
var Matters = []Matter{IncidentUrgent, IncidentNormal, VulnHigh, VulnMedium, VulnLow, Consultation, Policy, Onboarding}

// Edition is one contract as data. It is immutable once built: values may be
// shared by any number of desks.
type Edition struct {
	ID         string            // emergency, escort or enterprise
	Name       map[string]string // by language: zh-CN, en
	Rows       []Row             // one for each of Matters
	Inspection Inspection        // what the daily inspection covers
}

// Row is one promise of an edition.
type Row struct {
	Matter Matter `json:"matter"`
	// Included says that the edition covers the matter at all. A matter that is
	// not included is answered with a polite hand-off that quotes Clause.
	Included bool `json:"included,omitempty"`
	// Scope narrows an included matter: "" for always, "incident" for "only
	// while an incident of this customer is open or in its safe period".
	Scope string `json:"scope,omitempty"`
	// Respond is the time to the first words of a named expert; 0 when the
	// paper names none.
	Respond time.Duration `json:"respond,omitempty"`
	// RespondWorkdays counts working days instead (onboarding): due at 24:00 of
	// that working day after the day of the start. 0 when Respond is used.
	RespondWorkdays int `json:"respond_workdays,omitempty"`
	// Resolve is the time to a solution; 0 when the paper is silent.
	// "5 natural days" is 5 × 24 h, the stricter reading (ADR 0007).
	Resolve time.Duration `json:"resolve,omitempty"`
	// SafeDays is the length of the safe period after a solved case, in natural
	// days of the customer's zone; 0 for none.
	SafeDays int `json:"safe_days,omitempty"`
	// Ladder is who is told when, as fractions of Respond.
	Ladder Ladder `json:"ladder,omitempty"`
	// Clause is the place in the whitepaper, e.g. "§5 安全事件管理".
	Clause string `json:"clause,omitempty"`
}

// Inspection says what the edition inspects every day.
type Inspection struct {
	// Scope is "incident" (the business touched by an incident, while its case
	// or safe period lives), "key" (key business) or "named" (named cloud business).
	Scope  string
	Clause string
}

// Row returns the promise for a matter; false when the edition has no such row.
func (e Edition) Row(m Matter) (Row, bool) {
	for _, r := range e.Rows {
		if r.Matter == m {
			return r, true
		}
	}
	return Row{}, false
}

// Called returns the edition's name in a language, falling back to its id.
func (e Edition) Called(lang string) string {
	if n := e.Name[lang]; n != "" {
		return n
	}
	return e.ID
}

// Role is a part somebody plays on the ladder.
type Role string

// The roles of the ladder. Who fills them is the roster's business (Duty).
const (
	Primary Role = "primary"
	Backup  Role = "backup"
	Manager Role = "manager"
	TAM     Role = "tam"
)

// Step is one rung of a ladder.
type Step struct {
	// Num and Den place the rung: it comes at Num/Den of the promise, 0 ≤ Num ≤ Den.
	Num, Den int64
	// Who is told, by role.
	Who []Role
}

// At returns the moment of the rung on a promise of length p that ends at due.
// Rungs hang from the deadline, so that a promise which was shortened late has
// rungs that already lie in the past.
func (s Step) At(due time.Time, p time.Duration) time.Time {
	left := time.Duration(int64(p) / s.Den * (s.Den - s.Num))
	if rest := int64(p) % s.Den; rest != 0 {
		left += time.Duration(rest * (s.Den - s.Num) / s.Den)
	}
	return due.Add(-left)
}

// Breach reports whether the rung stands at the deadline itself.
func (s Step) Breach() bool { return s.Num == s.Den }

// Ladder is the rungs of a promise in order. Its index is the rung number that
// people and plays see.
type Ladder []Step

// DefaultLadder is the ladder of the design, §11: 0 (primary and TAM), 1/3
// (primary again), 8/15 (backup), 4/5 (manager), 1 (breach: manager). For a
// promise of 15 minutes that is 0, 5, 8, 12 and 15.
var DefaultLadder = Ladder{
	{0, 1, []Role{Primary, TAM}},
	{1, 3, []Role{Primary}},
	{8, 15, []Role{Backup}},
	{4, 5, []Role{Manager}},
	{1, 1, []Role{Manager}},
}

// String writes the ladder in the form ParseLadder reads:
// "0 primary,tam; 1/3 primary; 8/15 backup; 4/5 manager; 1 manager".
func (l Ladder) String() string {
	var b strings.Builder
	for i, s := range l {
		if i > 0 {
			b.WriteString("; ")
		}
		switch {
		case s.Num == 0:
			b.WriteString("0")
		case s.Num == s.Den:
			b.WriteString("1")
		default:
			fmt.Fprintf(&b, "%d/%d", s.Num, s.Den)
		}
		for j, r := range s.Who {
			b.WriteByte(" ,"[min(j, 1)])
			b.WriteString(string(r))
		}
	}
	return b.String()
}

// MarshalText writes the ladder as String does.
func (l Ladder) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (l *Ladder) UnmarshalText(b []byte) error {
	got, err := ParseLadder(string(b))
	if err == nil {
		*l = got
	}
	return err
}

// ParseLadder reads a ladder. Every rung is a fraction of the promise and the
// roles that are told. Errors name the rung that is wrong and what would be
// right: fractions from 0 to 1 in rising order, the last one 1, roles primary,
// backup, manager or tam, none twice on one rung. Blank text is no ladder.
func ParseLadder(s string) (Ladder, error) {
	var l Ladder
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	for i, part := range strings.Split(s, ";") {
		at, who, _ := strings.Cut(strings.TrimSpace(part), " ")
		step, err := parseFraction(at)
		if err != nil {
			return nil, fmt.Errorf("rung %d: %w", i, err)
		}
		if step.Num > step.Den {
			return nil, fmt.Errorf("rung %d: %s lies after the deadline; a rung stands between 0 and 1", i, at)
		}
		if i > 0 {
			if last := l[i-1]; step.Num*last.Den <= last.Num*step.Den {
				return nil, fmt.Errorf("rung %d: %s does not come after the rung before it", i, at)
			}
		}
		for _, r := range strings.Split(who, ",") {
			role := Role(strings.TrimSpace(r))
			switch role {
			case Primary, Backup, Manager, TAM:
				if slices.Contains(step.Who, role) {
					return nil, fmt.Errorf("rung %d: %s stands there twice", i, role)
				}
				step.Who = append(step.Who, role)
			default:
				return nil, fmt.Errorf("rung %d: %q is no role; use primary, backup, manager or tam", i, string(role))
			}
		}
		l = append(l, step)
	}
	if !l[len(l)-1].Breach() {
		return nil, fmt.Errorf("the last rung stands at %d/%d; it must stand at 1, the deadline", l[len(l)-1].Num, l[len(l)-1].Den)
	}
	return l, nil
}

func parseFraction(s string) (Step, error) {
	num, den, frac := strings.Cut(s, "/")
	n, err := strconv.ParseInt(num, 10, 32)
	if err != nil || n < 0 {
		return Step{}, fmt.Errorf("%q is no fraction; write 0, 1 or e.g. 8/15", s)
	}
	d := int64(1)
	if frac {
		if d, err = strconv.ParseInt(den, 10, 32); err != nil || d < 1 {
			return Step{}, fmt.Errorf("%q is no fraction; write 0, 1 or e.g. 8/15", s)
		}
	}
	if n == 0 {
		d = 1
	}
	if n == d {
		n, d = 1, 1
	}
	return Step{Num: n, Den: d}, nil
}
