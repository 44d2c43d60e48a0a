package dingtalk

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// badCredentials is what to do when the gateway does not take the credentials.
const badCredentials = "client_id and client_secret are not accepted (authFailed); copy both from the app's page Credentials at DingTalk into the config"

// unauthorised are the codes by which the gateway refuses credentials.
var unauthorised = []string{"authFailed", "invalidClientIdOrSecret"}

// refused reports whether an error of the gateway means that no repetition helps.
// The SDK gives its answer as the text of an error, without the status of HTTP.
func refused(err error) bool {
	var said struct{ Code string }
	return json.Unmarshal([]byte(err.Error()), &said) == nil && slices.Contains(unauthorised, said.Code)
}

// tickets are the rights to connect that stand in addresses.
var tickets = regexp.MustCompile(`(ticket|session|access_token)=[^\s"&]*`)

// clean is one line of an error, without tickets: of what DingTalk says its code
// and message, of a page its beginning.
func clean(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // its address may hold a ticket
	}
	text := err.Error()
	var said struct{ Code, Message string }
	if json.Unmarshal([]byte(text), &said) == nil && said.Code != "" {
		text = said.Code + ": " + said.Message
	}
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		return "it answers with a page instead of data"
	}
	text = strings.Join(strings.Fields(tickets.ReplaceAllString(text, "$1=…")), " ")
	if r := []rune(text); len(r) > 160 {
		text = string(r[:159]) + "…"
	}
	return text
}
