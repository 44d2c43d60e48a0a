package bot

import (
	"context"
	"fmt"
	"time"

	"butler/bot/desk"
)

// Advisor is the port to a model that advises. It may be slow, wrong or away:
// nothing waits for it, and what it says is weighed by the rules (design §12).
type Advisor interface {
	// Advise answers one question. Errors: *Unavailable while it is no use to ask;
	// anything else concerns this question alone.
	Advise(ctx context.Context, q Question) (Advice, error)
}

// Question is what an advisor is asked. All text in it is masked: no secret and
// no personal data leaves the house.
type Question struct {
	ID       string       // for logs, and never shown: acme/3
	Text     string       // the customer's words
	Before   []string     // what was said in the case earlier, oldest first; at most a few
	Lang     string       // of the customer: zh-CN or en; the draft is written in it
	BackLang string       // of the experts; the summary is written in it
	Edition  string       // of the contract, by its name
	Verdict  desk.Verdict // what the rules understood
	Unsure   bool         // the rules would rather ask than guess
}

// Advice is an advisor's answer, checked for its form and for nothing else.
type Advice struct {
	Verdict desk.Verdict // Label is "" when it has no opinion
	Summary string       // for the experts, at most a few lines
	Draft   string       // of an answer to the customer; never sent by itself
	Model   string
	Tokens  int // spent on it
}

// Unavailable says that it is no use to ask before a while is over: the endpoint
// is down, the month's budget is spent.
type Unavailable struct {
	After time.Duration // 0: not known
	Why   string
}

// Error says why and how long.
func (u *Unavailable) Error() string {
	return fmt.Sprintf("the advisor is not available (for %s): %s", u.After, u.Why)
}
