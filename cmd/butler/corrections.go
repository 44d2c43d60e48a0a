package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"butler/bot"
	"butler/bot/desk"
	"butler/config"
)

// correction is one line of `butler triage -corrections`: the fields of a line for
// triage, with what people made of it, and what triage had thought.
type correction struct {
	ID       string        `json:"id"`
	At       time.Time     `json:"at"`
	Text     string        `json:"text"`
	Label    string        `json:"label"`              // incident, vulnerability, consultation, policy, chatter
	Severity desk.Severity `json:"severity,omitempty"` // of a vulnerability that was one before
	Was      desk.Verdict  `json:"was"`
}

// exportCorrections writes every correction of every customer's journal, oldest
// first for each. Texts are masked, as they are stored; names of customers and
// people are left out.
func exportCorrections(ctx context.Context, a invocation, path string) error {
	c, err := config.Load(path, config.Options{Env: a.env})
	if err != nil {
		return err
	}
	store, err := openStore(ctx, c.Store, slog.New(slog.DiscardHandler))
	if err != nil {
		return fmt.Errorf("%w (while the bot runs on an embedded store, read a copy of the file)", err)
	}
	defer store.Close()
	out := bufio.NewWriter(a.stdout)
	defer out.Flush()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for i, customer := range c.Customers {
		if err := eachCorrection(ctx, store, customer.ID, func(k int, e desk.Event) error {
			return enc.Encode(corrected(fmt.Sprintf("%d-%d", i+1, k), e))
		}); err != nil {
			return err
		}
	}
	return nil
}

// eachCorrection goes through a journal, page by page.
func eachCorrection(ctx context.Context, store bot.Store, customer string, do func(k int, e desk.Event) error) error {
	const page = 500
	for from := 0; ; from += page {
		records, err := store.Journal(ctx, customer, from, page)
		if err != nil {
			return err
		}
		for k, r := range records {
			for _, e := range r.Events {
				if e.Was == nil {
					continue
				}
				if err := do(from+k, e); err != nil {
					return err
				}
			}
		}
		if len(records) < page {
			return nil
		}
	}
}

func corrected(id string, e desk.Event) correction {
	c := correction{ID: id, At: e.At, Text: e.Said, Label: e.Text, Was: *e.Was}
	if c.Label == "none" {
		c.Label = desk.Chatter
	}
	if c.Label == string(desk.Vulnerability) {
		c.Severity = e.Was.Severity
	}
	return c
}
