package rounds

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"butler/bot/desk"
	"butler/integrations/probe"
)

// State is what is remembered of a customer's rounds, under rounds/<customer>.
type State struct {
	V int `json:"v"`
	// Round is the number of the last round. Who makes the next one has taken the
	// turn that is named after it.
	Round int       `json:"round,omitempty"`
	Visit time.Time `json:"visit,omitzero"` // the last visit, daily looks included
	Daily time.Time `json:"daily,omitzero"` // the last daily look
	Scan  time.Time `json:"scan,omitzero"`  // the last scan
	// Known are the assets that have been looked at since they are covered.
	Known []string `json:"known,omitempty"`
	// Told are the open findings the desk was told of, by their ids.
	Told map[string]Told `json:"told,omitempty"`
	// Sight says of each layer which assets could be looked at, last time.
	Sight map[desk.Layer]map[string]bool `json:"sight,omitempty"`
	// Layers is what was seen of each layer last, and not told yet; Tries and Good
	// count the visits that were not told yet.
	Layers map[desk.Layer]desk.LayerLook `json:"layers,omitempty"`
	Tries  int                           `json:"tries,omitempty"`
	Good   int                           `json:"good,omitempty"`
	// Words counts what the desk was owed so far.
	Words int `json:"words,omitempty"`
	// Owed is what the desk is still to be told, in order.
	Owed []Owed `json:"owed,omitempty"`
	// Tried is what came of looking again at a finding, by its id.
	Tried map[string]Try `json:"tried,omitempty"`
}

// Told is an open finding as the desk was told of it.
type Told struct {
	Asset    string        `json:"asset"`
	Check    probe.Check   `json:"check"`
	Subject  string        `json:"subject,omitempty"`
	Severity desk.Severity `json:"severity"`
	Title    string        `json:"title"` // in Chinese: a change of it is news
}

// Try says for which askings a finding has been looked at again.
type Try struct {
	Asked    time.Time `json:"asked,omitzero"`    // somebody asked then, and it was tried
	Said     time.Time `json:"said,omitzero"`     // somebody asked then, and was told that it must wait
	Answered time.Time `json:"answered,omitzero"` // somebody asked then, and it was looked at
	Solved   time.Time `json:"solved,omitzero"`   // its case was solved then, and it was looked at
	Accepted time.Time `json:"accepted,omitzero"` // it was accepted until then, and is normal now
}

// Owed is something the desk is to be told, under the identity it keeps until the
// desk has taken it.
type Owed struct {
	ID     string      `json:"id"`
	At     time.Time   `json:"at"`
	Looked desk.Looked `json:"looked"`
}

// Memory keeps short texts under names (bot.Store).
type Memory interface {
	Recall(ctx context.Context, name string) (string, error)
	Remember(ctx context.Context, name, text string) error
}

func stateName(customer string) string { return "rounds/" + customer }

// recall reads a customer's state. One that cannot be read is no state: the round is
// then a first one, which harms nobody.
func (r *Rounds) recall(ctx context.Context, customer string) (State, error) {
	fresh := State{V: 1}
	text, err := r.o.Store.Recall(ctx, stateName(customer))
	if err != nil {
		return fresh, fmt.Errorf("recalling the rounds of %s: %w", customer, err)
	}
	if text == "" {
		return fresh, nil
	}
	var s State
	if err := json.Unmarshal([]byte(text), &s); err != nil || s.V != 1 {
		r.log.Error("rounds: what was remembered cannot be read; beginning anew", "customer", customer, "error", err)
		return fresh, nil
	}
	return s, nil
}

// remember writes a customer's state. When the service is ending the last words are
// still written.
func (r *Rounds) remember(ctx context.Context, customer string, s State) error {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer cancel()
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := r.o.Store.Remember(ctx, stateName(customer), string(text)); err != nil {
		return fmt.Errorf("remembering the rounds of %s: %w", customer, err)
	}
	return nil
}

// owe notes what the desk is to be told.
func (s *State) owe(customer string, at time.Time, l desk.Looked) {
	// The number tells two of one millisecond apart; the time, two of one number where
	// the state was lost.
	s.Words++
	s.Owed = append(s.Owed, Owed{ID: fmt.Sprintf("looked/%s/%d.%d", customer, at.UnixMilli(), s.Words), At: at, Looked: l})
}
