package main

import (
	"cmp"
	"context"
	"maps"
	"net"
	"net/url"
	"slices"
	"time"

	"butler/bot/desk"
	"butler/cmd/rounds"
	"butler/config"
	"butler/integrations/probe"
)

// probesSilent is how long our own probes may say nothing about a customer before
// that is a finding: they speak once a day at least (rounds.Plan), and half a day of
// trouble is forgiven.
const probesSilent = 36 * time.Hour

// ownProbes names our own probes among the sources of a customer whose assets they
// look at, so that their silence is noticed. An edition that looks only during an
// incident has long silences that mean nothing. Only a bot that really looks says so:
// in a play nobody does.
func ownProbes(t *desk.Terms) {
	if !lookedAt(t) {
		return
	}
	s := desk.Source{Name: desk.Probe, Silence: probesSilent}
	if t.Edition.Inspection.Scope == "incident" {
		s.Silence = 0
	}
	t.Sources = append(slices.Clone(t.Sources), s)
}

// lookedAt reports whether our own probes look at anything of a customer's.
func lookedAt(t *desk.Terms) bool { return len(t.Inspect.Assets) > 0 && t.Inspect.Every > 0 }

// makeRounds is what looks at the customers' assets; nil where there are none, or
// where nothing can be looked at from here. That is no reason for a bot not to run:
// the summary says that nobody looks.
func (s *service) makeRounds(c *config.Config) *rounds.Rounds {
	if !slices.ContainsFunc(slices.Collect(maps.Values(c.Terms())), lookedAt) {
		return nil
	}
	p, err := probe.New(probe.Options{Memory: s.store, Log: s.log, Witness: witness(c)})
	if err != nil {
		s.log.Error("the inspection cannot look at anything from here", "error", err)
		return nil
	}
	return rounds.New(rounds.Options{Prober: p, Store: s.store, Directory: s.bot.Directory, Handle: s.bot.Handle, Log: s.log})
}

// witness reaches a chat platform, which is surely up; nil where none is configured.
// Where it cannot be reached either, it is our way out that is cut, and no customer's
// site is called down.
func witness(c *config.Config) func(context.Context) error {
	var api string
	switch {
	case c.Slack != nil:
		api = cmp.Or(c.Slack.APIURL, "https://slack.com/api/")
	case c.DingTalk != nil:
		api = cmp.Or(c.DingTalk.APIURL, "https://api.dingtalk.com")
	default:
		return nil
	}
	u, err := url.Parse(api)
	if err != nil {
		return nil // the platform itself says so
	}
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	return func(ctx context.Context) error {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// roundsCounters are what the operator sees of the inspection.
func (s *service) roundsCounters() []counter {
	if s.rounds == nil {
		return nil
	}
	n := &s.rounds.Count
	return []counter{
		{"looks_total", "Looks at a customer's assets that came to their end.", &n.Looks},
		{"looks_failed_total", "Looks, or what belongs to them, that did not; the log says what.", &n.Failed},
		{"looks_skipped_total", "Rounds left out: another process makes them, or the last look hangs.", &n.Skipped},
		{"looks_findings_total", "Findings of our own probes that were new.", &n.Findings},
		{"looks_told_total", "Times a desk was told what was seen.", &n.Told},
	}
}
