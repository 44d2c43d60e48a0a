package slack

import (
	"errors"
	"regexp"
	"testing"

	"github.com/slack-go/slack"

	"butler/bot/chat"
)

var han = regexp.MustCompile(`\p{Han}.*\p{Han}`)

func chinese(s string) bool { return han.MatchString(s) }

// Every reason that a card may show has its line in both languages.
func TestReasonsHaveBothLanguages(t *testing.T) {
	for name, table := range map[string]map[string]cause{"hopeless": hopeless, "unmade": unmade, "uninvited": uninvited, "unshared": unshared} {
		for word, w := range table {
			if w.en == "" || han.MatchString(w.en) || !chinese(w.zh) {
				t.Errorf("%s: %s: %q, %q", name, word, w.en, w.zh)
			}
		}
	}
	var no *chat.Never
	for _, err := range []error{
		(&Platform{}).verdict("chat.postMessage", chat.Room{Platform: "slack", ID: "C1"}, slack.SlackErrorResponse{Err: "channel_not_found"}),
		(&Platform{}).unfounded("conversations.create", "butler-acme", slack.SlackErrorResponse{Err: "missing_scope"}),
	} {
		if !errors.As(err, &no) || !chinese(no.Zh) || han.MatchString(no.Why) || !regexp.MustCompile("channel_not_found|missing_scope").MatchString(no.Zh) {
			t.Errorf("%+v", err)
		}
	}
}
