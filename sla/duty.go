package sla

import "time"

// Duty is a roster: who is primary, backup and manager, and when the lists
// turn. Lists rotate by ISO week at the handover; a list of one never turns
// (design §16).
type Duty struct {
	Zone     *time.Location
	Primary  []string // person ids
	Backup   []string
	Manager  []string
	Handover Handover
}

// Handover is the moment of the week at which the lists turn.
type Handover struct {
	Day    time.Weekday
	Minute int // minutes after midnight in the roster's zone
}

// On returns who fills a role at t: the person on duty first, the others of the
// list behind in order, to be asked when the first cannot be reached. The
// person on duty in ISO week w is entry w mod len; the week begins at the
// handover. TAM is not the roster's business and yields nothing.
//
// A year with a week 53 turns unevenly: after week 53 comes week 1, so in a list
// of two (53 and 1 are both odd) the same person has duty twice in a row, and in
// a list of three the turn skips one (53 mod 3 is 2, 1 mod 3 is 1). It happens
// every five or six years (2026, 2032); who shares the week is then worth a swap
// in the config. The gain is that anybody can read the week off a calendar.
func (d Duty) On(r Role, t time.Time) []string {
	var list []string
	switch r {
	case Primary:
		list = d.Primary
	case Backup:
		list = d.Backup
	case Manager:
		list = d.Manager
	}
	if len(list) < 2 {
		return list
	}
	at := d.Week(t) % len(list)
	return append(append(make([]string, 0, len(list)), list[at:]...), list[:at]...)
}

// Week returns the ISO week number the roster is in at t.
func (d Duty) Week(t time.Time) int {
	if d.Zone != nil {
		t = t.In(d.Zone)
	}
	// Move the handover onto Monday 00:00; the ISO week of that moment counts.
	// The shift is made on the wall clock, so a change of summer time moves nothing.
	days := (int(d.Handover.Day) + 6) % 7
	y, mo, da := t.Date()
	h, mi, s := t.Clock()
	_, week := time.Date(y, mo, da-days, h, mi-d.Handover.Minute, s, 0, time.UTC).ISOWeek()
	return week
}
