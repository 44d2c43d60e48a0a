package dingtalk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"butler/bot"
	"butler/bot/card"
)

// mediaPath uploads a picture; of the older API.
const mediaPath = "/media/upload"

// Of pictures. A message waits for its picture, but not for long.
const (
	chartTime  = 4 * time.Second  // for uploading; drawing takes some 40 ms
	chartPause = time.Minute      // without pictures after an outage, or all letters of the hour would wait
	chartRest  = 10 * time.Minute // after a refusal, which only an operator mends
)

// unshown stands for the picture of a chart that cannot be drawn.
const unshown = "-"

// mediaID is what DingTalk calls a picture. It stands in markdown: what is no id of
// this form would be markup.
var mediaID = regexp.MustCompile(`^@?[A-Za-z0-9_+/=.$-]{4,256}$`)

// pictures is what is known of pictures as a whole: the ids of single ones are in
// speech.past. The zero value is ready.
type pictures struct {
	rest stamps      // "until": no uploads before
	sick atomic.Bool // the last one failed, and that was said
}

// develop uploads the picture of a card's chart, unless it was uploaded before; a
// message that is sent or edited afterwards shows it. A picture costs a call of the
// month, so there is none while calls are saved; and it never costs the message:
// what fails here is counted, and said once.
func (p *Platform) develop(ctx context.Context, s bot.Sending) {
	c := s.Card.Chart
	if c == nil || p.o.Draw == nil {
		return
	}
	key := pictureKey(*c)
	if _, known := p.past.get(key); known {
		return
	}
	if p.afford(ctx, s.Urgent) != nil || p.thrifty(ctx) || p.pictures.rest.since("until", p.now(), 0) > 0 {
		p.Count.Unpictured.Add(1)
		return
	}
	png, err := p.o.Draw(*c)
	if err != nil {
		p.past.put(key, unshown) // it would fail again, and says nothing of other pictures
		p.blurred(err, 0)
		return
	}
	id, pause, err := p.upload(ctx, png)
	if err != nil {
		p.blurred(err, pause)
		return
	}
	p.past.put(key, id)
	p.Count.Pictures.Add(1)
	if p.pictures.sick.Swap(false) {
		p.log.Info("dingtalk: pictures can be shown again")
	}
}

// blurred counts a picture that is missing, says so when the one before was not,
// and gives pictures a rest. It is no trouble for Ready.
func (p *Platform) blurred(err error, pause time.Duration) {
	p.Count.Unpictured.Add(1)
	if pause > 0 {
		p.pictures.rest.set("until", p.now().Add(pause))
	}
	if !p.pictures.sick.Swap(true) {
		p.log.Warn("dingtalk: a message went without its picture; so do the next ones until a picture works again", "why", p.plain(err.Error()))
	}
}

// picture is the id of a chart's picture; "" for none.
func (p *Platform) picture(c *card.Chart) string {
	if c == nil {
		return ""
	}
	id, _ := p.past.get(pictureKey(*c))
	if id == unshown {
		return ""
	}
	return id
}

func pictureKey(c card.Chart) string {
	b, _ := json.Marshal(c)
	sum := sha256.Sum256(b)
	return "picture/" + hex.EncodeToString(sum[:16])
}

// upload gives a picture to DingTalk and returns its id. The error says what went
// wrong, pause for how long no other should be tried. What is wrong here says
// nothing about the calls by which messages go, so none of them rests for it.
func (p *Platform) upload(ctx context.Context, png []byte) (id string, pause time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, chartTime)
	defer cancel()
	for again := false; ; again = true {
		token, err := p.token(ctx)
		if err != nil {
			return "", chartPause, fmt.Errorf("%s: %w", mediaPath, err)
		}
		a, id, err := p.uploadOnce(ctx, token, png)
		p.spent(ctx, a)
		switch {
		case err == nil && a.tokenRefused() && !again:
			p.tokens.drop(token)
		case err != nil:
			return "", chartPause, fmt.Errorf("%s: %w", mediaPath, err)
		case a.page, a.empty, a.status/100 == 5:
			return "", chartPause, fmt.Errorf("%s: no answer of the API, status %d", mediaPath, a.status)
		case a.code != "" || a.status/100 != 2:
			return "", chartRest, fmt.Errorf("%s: refused, status %d: %s %s", mediaPath, a.status, a.code, a.message)
		case !mediaID.MatchString(id):
			return "", chartPause, errors.New(mediaPath + ": the answer holds no id of a picture")
		default:
			return id, 0, nil
		}
	}
}

// uploadOnce is one upload.
func (p *Platform) uploadOnce(ctx context.Context, token string, png []byte) (answer, string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("media", "inspection.png")
	if err == nil {
		_, err = part.Write(png)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return answer{}, "", err
	}
	address := strings.TrimSuffix(p.o.OAPIURL, "/") + mediaPath + "?" + url.Values{"access_token": {token}, "type": {"image"}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, &body)
	if err != nil {
		return answer{}, "", errors.New("the address is not valid")
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	var out struct {
		ID string `json:"media_id"`
	}
	a, err := p.exchange(req, &out)
	return a, out.ID, err
}

// chartBlock is the picture of a chart in markdown, or its words where there is
// none; "" for no chart.
func chartBlock(c *card.Chart, picture string) string {
	if c == nil {
		return ""
	}
	words := inert(cutBytes(oneLine(c.Alt), maxTitle))
	if picture == "" {
		return words
	}
	return "![" + words + "](" + picture + ")"
}
