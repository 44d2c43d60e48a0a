package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// maxAnswer is how many bytes of an answer are read: a page of 200 messages of
// 40,000 characters has less.
const maxAnswer = 32 << 20

// ask calls a method of the Web API and reads its answer. The library would give
// up on a whole page of messages for one block it does not know; errors are the
// library's, as verdict takes them.
func (p *Platform) ask(ctx context.Context, method string, q url.Values, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.o.APIURL+method, strings.NewReader(q.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+p.o.BotToken)
	client := http.Client{Timeout: callTimeout, Transport: p.transport}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if after, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && res.StatusCode == http.StatusTooManyRequests {
		return &slack.RateLimitedError{RetryAfter: time.Duration(after) * time.Second}
	}
	if res.StatusCode != http.StatusOK {
		return slack.StatusCodeError{Code: res.StatusCode, Status: res.Status}
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return err
	}
	var said struct {
		OK     bool   `json:"ok"`
		Error  string `json:"error"`
		Needed string `json:"needed"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return errors.New("the answer is not JSON")
	}
	if !said.OK {
		return slack.SlackErrorResponse{Err: said.Error, Needed: said.Needed}
	}
	return json.Unmarshal(body, answer)
}

// pageOf is one page of a room's messages.
type pageOf struct {
	Messages messages `json:"messages"`
	Meta     struct {
		Next string `json:"next_cursor"`
	} `json:"response_metadata"`
}

// messages are those of a page that can be read.
type messages []message

func (m *messages) UnmarshalJSON(b []byte) error {
	*m = readable[message](b)
	return nil
}

// limited says how long a call has to wait by the word of Slack, if that is why
// it failed; 0 when Slack does not say.
func limited(err error) (time.Duration, bool) {
	var l *slack.RateLimitedError
	var status slack.StatusCodeError
	switch {
	case errors.As(err, &l):
		return l.RetryAfter, true
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests, code(err) == "ratelimited", code(err) == "rate_limited":
		return 0, true
	}
	return 0, false
}
