package slackfake

import (
	"net/http"
	"strconv"
	"time"

	"butler/integrations/fakery"
)

// Fault is a way in which a method of the Web API fails, once unless said otherwise.
type Fault = fakery.Fault

// Planted is a fault that waits for its calls.
type Planted = fakery.Planted

// RateLimited answers 429 with Retry-After, in whole seconds.
func RateLimited(after time.Duration) Fault {
	return RateLimitedSilently().With("Retry-After", strconv.Itoa(int(after/time.Second)))
}

// RateLimitedSilently answers 429 and does not say for how long.
func RateLimitedSilently() Fault {
	return fakery.Says(http.StatusTooManyRequests, `{"ok":false,"error":"ratelimited"}`)
}

// Refused answers 200 with ok:false and an error: ratelimited, invalid_auth,
// not_allowed_token_type, channel_not_found, is_archived, not_in_channel,
// restricted_action, …
func Refused(code string) Fault {
	return fakery.Says(http.StatusOK, `{"ok":false,"error":`+strconv.Quote(code)+`}`)
}

// MissingScope answers missing_scope and says which one is needed.
func MissingScope(needed string) Fault {
	return fakery.Says(http.StatusOK, `{"ok":false,"error":"missing_scope","needed":`+strconv.Quote(needed)+`,"provided":"identify"}`)
}

// Status answers with a status of HTTP and no JSON.
func Status(code int) Fault {
	return fakery.Answers(code, "text/plain", http.StatusText(code))
}

// Garbage answers 200 with a page of HTML, as a proxy in between does.
func Garbage() Fault {
	return fakery.Answers(http.StatusOK, "text/html", "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>")
}

// Hangs does not answer until Release, and then as if nothing had been.
func Hangs() Fault { return fakery.Hangs() }

// HangsAfter does the work and does not answer until Release: the sender cannot
// know that it was done.
func HangsAfter() Fault { return fakery.HangsAfter() }

// DropsBefore ends the connection before anything was done.
func DropsBefore() Fault { return fakery.DropsBefore() }

// DropsAfter does the work and ends the connection without an answer: the
// ambiguous send.
func DropsAfter() Fault { return fakery.DropsAfter() }

// Fail plants a fault: calls of the method, or of every method for "*", fail as
// it says. The fault that was planted last comes first.
func (s *Server) Fail(method string, f Fault) *Planted { return s.faults.Plant(method, f) }

// Release lets every call go on that hangs now.
func (s *Server) Release() { s.faults.Release() }
