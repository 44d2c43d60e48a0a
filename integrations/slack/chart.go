package slack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"butler/bot"
	"butler/bot/card"
)

// Of pictures. A message waits for its picture, but not for long: half of what a
// letter has is left for the message itself.
const (
	chartTime  = 4 * time.Second  // for uploading; drawing takes some 40 ms
	chartTries = 3                // of showing a file that Slack may still be looking at
	chartPause = time.Minute      // without pictures after an outage, or all letters of the hour would wait
	chartRest  = 10 * time.Minute // after a refusal, which only an operator mends
	maxAlbum   = 512              // pictures that are remembered, about 100 KB
	maxAlt     = 2000             // characters; Block Kit's limit of alt_text
)

// unshown stands in the album for a file that Slack does not show.
const unshown = "-"

// album remembers the files of charts, so that an edit and a repeated send upload
// nothing again. The zero value is ready.
type album struct {
	mu    sync.Mutex
	files map[string]string // by room and chart
	order []string
	rest  time.Time // no pictures until then
	sick  bool      // the last one failed, and that was said
}

func (a *album) get(key string) (file string, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	file, known = a.files[key]
	return file, known
}

func (a *album) put(key, file string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.files == nil {
		a.files = map[string]string{}
	}
	if _, known := a.files[key]; !known {
		a.order = append(a.order, key)
	}
	if a.files[key] = file; len(a.order) > maxAlbum {
		delete(a.files, a.order[0])
		a.order = a.order[1:]
	}
}

func (a *album) resting(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.rest)
}

// works says that a picture went well, and whether the one before had not.
func (a *album) works() (again bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	again, a.sick = a.sick, false
	return again
}

// fails rests until a time, and says whether this is the first failure in a row.
func (a *album) fails(until time.Time) (first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if until.After(a.rest) {
		a.rest = until
	}
	first, a.sick = !a.sick, true
	return first
}

// pageOfAlbum is the key of a chart in a room. Rooms share no file: who sees a file
// on Slack also sees where else it was shown.
func pageOfAlbum(channel string, c card.Chart) string {
	b, _ := json.Marshal(c)
	sum := sha256.Sum256(append(b, "\x00"+channel...))
	return hex.EncodeToString(sum[:])
}

// pictured posts or edits a card by do, with its picture where there is one and
// Slack shows it. A picture that cannot be made, uploaded or shown costs the
// message nothing but a moment: it goes with the picture's words instead. Of do
// only the answer to a refused block is read here, which posted nothing.
func (p *Platform) pictured(ctx context.Context, channel string, s bot.Sending, do func(file string) error) error {
	if s.Card.Chart == nil || p.o.Draw == nil {
		return do("")
	}
	key := pageOfAlbum(channel, *s.Card.Chart)
	file := p.develop(ctx, key, *s.Card.Chart)
	if file == "" {
		return do("")
	}
	for try := 1; ; try++ {
		err := do(file)
		switch code(err) {
		case "invalid_blocks", "invalid_blocks_format":
		default:
			return err
		}
		if !rest(ctx, spacing) {
			return ctx.Err() // an outage like any other: tried again
		}
		if try < chartTries { // a file is shown only when Slack has looked at it
			continue
		}
		p.album.put(key, unshown)
		p.blurred(&unloaded{"the message with the picture", err})
		return do("")
	}
}

// develop is the file of a chart, drawn and uploaded unless it was before; "" when
// there will be none. The file is shared with nobody until a message shows it.
func (p *Platform) develop(ctx context.Context, key string, c card.Chart) string {
	if file, known := p.album.get(key); known {
		if file == unshown {
			return ""
		}
		return file
	}
	if p.album.resting(time.Now()) {
		p.Count.Unpictured.Add(1)
		return ""
	}
	png, err := p.o.Draw(c)
	if err != nil {
		p.album.put(key, unshown) // it would fail again, and says nothing of other pictures
		p.blurred(err)
		return ""
	}
	file, err := p.upload(ctx, c, png)
	if err != nil {
		p.blurred(err)
		return ""
	}
	p.Count.Pictures.Add(1)
	if p.album.works() {
		p.log.Info("slack: pictures can be shown again")
	}
	p.album.put(key, file)
	return file
}

// upload gives a chart to Slack in the three steps of a file.
func (p *Platform) upload(ctx context.Context, c card.Chart, png []byte) (file string, err error) {
	ctx, cancel := context.WithTimeout(ctx, chartTime)
	defer cancel()
	const name = "inspection.png"
	place, err := p.api.GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{FileName: name, FileSize: len(png), AltTxt: cut(c.Alt, maxAlt/2)})
	if err != nil {
		return "", &unloaded{"files.getUploadURLExternal", err}
	}
	if err := p.api.UploadToURL(ctx, slack.UploadToURLParameters{UploadURL: place.UploadURL, Filename: name, Reader: bytes.NewReader(png)}); err != nil {
		return "", &unloaded{"upload", err}
	}
	if _, err := p.api.CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{Files: []slack.FileSummary{{ID: place.FileID, Title: cut(c.Title, maxHeader)}}}); err != nil {
		return "", &unloaded{"files.completeUploadExternal", err}
	}
	return place.FileID, nil
}

// unloaded is a step of an upload that failed. Its address is a secret of the file.
type unloaded struct {
	method string
	err    error
}

func (u *unloaded) Error() string {
	if code(u.err) == "" {
		return "slack: " + u.method + ": " + oneLine(bare(u.err).Error())
	}
	return line(u.method, u.err)
}

func (u *unloaded) Unwrap() error { return u.err }

// bare is an error of the transport without the address.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// blurred counts a picture that is missing, says so when the one before was not,
// and gives pictures a rest. It is no trouble for Ready: the message has gone.
func (p *Platform) blurred(err error) {
	pause := time.Duration(0)
	var u *unloaded
	if errors.As(err, &u) {
		after, is := limited(u.err)
		switch {
		case is && after > 0:
			pause = min(after, chartRest)
		case is, passing(u.err):
			pause = chartPause
		default:
			pause = chartRest
		}
	}
	p.Count.Unpictured.Add(1)
	if p.album.fails(time.Now().Add(pause)) {
		p.log.Warn("slack: a message went without its picture; so do the next ones until a picture works again", "why", err)
	}
}

// chart is the picture of a card, or its words where there is no file.
func chart(c *card.Chart, file string) []slack.Block {
	alt := ""
	if c != nil {
		alt = cut(oneLine(c.Alt), maxAlt)
	}
	switch {
	case alt == "":
		return nil
	case file == "":
		return []slack.Block{slack.NewContextBlock("", plain(alt))}
	}
	return []slack.Block{slack.NewImageBlockSlackFile(&slack.SlackFileObject{ID: file}, alt, "", nil)}
}
