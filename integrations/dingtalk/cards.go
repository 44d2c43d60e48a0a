package dingtalk

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/chat"
)

// Paths of the OpenAPI for cards, and where cards stand.
const (
	deliverPath = "/v1.0/card/instances/createAndDeliver"
	updatePath  = "/v1.0/card/instances"
	spaceGroup  = "dtv1.card//IM_GROUP."
	spaceRobot  = "dtv1.card//IM_ROBOT."
)

// trackPrefix begins every outTrackId of ours: what else can be edited is none.
const trackPrefix = "butler-"

// cardsWait is how long no card is tried after the template or the permission
// turned out not to be usable: markdown goes meanwhile.
const cardsWait = 10 * time.Minute

// cardsWork reports whether there is a card template that can be used.
func (p *Platform) cardsWork() bool {
	return p.o.CardTemplate != "" && p.cards.since("template", p.now(), cardsWait) == 0
}

// track is the outTrackId of a notice: at most 64 characters, and never that of
// another one, also not of a notice of the same key in another store.
func (p *Platform) track(ctx context.Context, key string) (string, error) {
	salt, err := p.salt.get(ctx, p.tally)
	if err != nil {
		return "", notNow(codeTransport, 0, "the store does not answer")
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(salt))
	sum := sha256.Sum256(slices.Concat(b[:], []byte(p.o.ClientID+"\x00"+key)))
	return trackPrefix + hex.EncodeToString(sum[:20]), nil
}

// salt is a number of this store alone. The zero value is ready.
type salt struct {
	mu sync.Mutex
	n  int64
}

const saltName = "dingtalk/salt"

func (s *salt) get(ctx context.Context, tally func(context.Context, string, int64) (int64, error)) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n != 0 {
		return s.n, nil
	}
	n, err := tally(ctx, saltName, 0)
	if err == nil && n == 0 {
		var b [8]byte
		rand.Read(b[:]) // never fails
		n, err = tally(ctx, saltName, int64(binary.BigEndian.Uint64(b[:])>>16)+1)
	}
	if err != nil {
		return 0, err
	}
	s.n = n
	return n, nil
}

// deliver makes a card and shows it in a space. ok is false when it should be a
// plain message instead: the template cannot be used, or the card reached nobody.
//
// An outTrackId can be used once. Who repeats a call that may have worked is told
// param.cardAlreadyExist: then it did, unless the card is known to have reached
// nobody.
func (p *Platform) deliver(ctx context.Context, s bot.Sending, f form, space string) (ref string, ok bool, err error) {
	if s.Key == "" {
		return "", false, nil // nothing to make an id of that a repetition would make again
	}
	id, err := p.track(ctx, s.Key)
	if err != nil {
		return "", false, err
	}
	if _, burnt := p.past.get("burnt/" + id); burnt {
		return "", false, nil
	}
	var out struct {
		Result struct {
			Deliver []struct {
				Success bool   `json:"success"`
				Carrier string `json:"carrierId"`
				Why     string `json:"errorMsg"`
			} `json:"deliverResults"`
		} `json:"result"`
	}
	err = p.call(ctx, http.MethodPost, deliverPath, p.newCard(s, f, id, space), &out)
	switch {
	case codeOf(err) == "param.cardAlreadyExist":
		if n, err := p.tally(ctx, "dingtalk/burnt/"+id, 0); err != nil || n > 0 {
			return "", false, err
		}
		return id, true, nil
	case slices.Contains(badCards, codeOf(err)) || slices.Contains(denials, codeOf(err)):
		p.log.Error("dingtalk: cards cannot be used; messages go as markdown", "why", err)
		p.cards.set("template", p.now())
		return "", false, nil
	case err != nil:
		return "", false, err
	}
	why := "DingTalk says nothing of its delivery"
	for _, d := range out.Result.Deliver {
		if d.Success {
			p.past.put("carrier/"+id, d.Carrier)
			p.past.put("card/"+d.Carrier, id) // who quotes or reads it names the carrier
			return id, true, nil
		}
		why = d.Why
	}
	p.log.Warn("dingtalk: a card reached nobody; it goes as markdown", "why", p.plain(why))
	p.past.put("burnt/"+id, "1")
	if _, err := p.tally(ctx, "dingtalk/burnt/"+id, 1); err != nil {
		p.log.Warn("dingtalk: that a card reached nobody could not be noted", "error", err)
	}
	return "", false, nil
}

// newCard is the body of createAndDeliver.
func (p *Platform) newCard(s bot.Sending, f form, id, space string) map[string]any {
	f.picture = p.picture(s.Card.Chart)
	note := map[string]any{"supportForward": true,
		"lastMessageI18n": map[string]string{"ZH_CN": cutBytes(oneLine(s.Card.Title), maxTitle), "EN_US": cutBytes(oneLine(s.Card.Title), maxTitle)},
		"notification":    map[string]any{"alertContent": cutBytes(oneLine(s.Card.Title), maxTitle)}}
	body := map[string]any{
		"cardTemplateId": p.o.CardTemplate, "outTrackId": id, "callbackType": "STREAM", "userIdType": 1,
		"cardData": map[string]any{"cardParamMap": params(s.Card, f)}, "openSpaceId": space}
	if strings.HasPrefix(space, spaceRobot) {
		body["imRobotOpenSpaceModel"] = note
		body["imRobotOpenDeliverModel"] = map[string]any{"spaceType": "IM_ROBOT", "robotCode": p.o.RobotCode}
		return body
	}
	to := map[string]any{"robotCode": p.o.RobotCode}
	if f.at != "" {
		to["atUserIds"] = map[string]string{f.at: cmp.Or(f.name, f.at)}
	}
	body["imGroupOpenSpaceModel"] = note
	body["imGroupOpenDeliverModel"] = to
	return body
}

// update shows other parameters on a card that stands. By key: without that every
// key that is not named would vanish.
func (p *Platform) update(ctx context.Context, id string, params map[string]string) error {
	return p.call(ctx, http.MethodPut, updatePath, map[string]any{
		"outTrackId": id, "cardData": map[string]any{"cardParamMap": params},
		"cardUpdateOptions": map[string]bool{"updateCardDataByKey": true, "updatePrivateDataByKey": true}}, nil)
}

// clicks are the callbacks of cards that are not answered yet: meanwhile DingTalk
// wants no update of the card. The zero value is ready.
type clicks struct {
	mu   sync.Mutex
	open map[string][]chan struct{} // by outTrackId
}

// settleTime is how long the answer to a click may take to be on its way.
const settleTime = 200 * time.Millisecond

// answerLimit is how long DingTalk waits for the answer to a click.
const answerLimit = 2 * time.Second

// clicked says that a click on a card came, and returns what is called when it is
// answered. No update of the card goes out in between.
func (p *Platform) clicked(track string) (answered func()) {
	done := make(chan struct{})
	c := &p.clicks
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[string][]chan struct{}{}
	}
	c.open[track] = append(c.open[track], done)
	var once sync.Once
	return func() {
		once.Do(func() {
			time.AfterFunc(settleTime, func() {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.open[track] = slices.DeleteFunc(c.open[track], func(o chan struct{}) bool { return o == done })
				if len(c.open[track]) == 0 {
					delete(c.open, track)
				}
				close(done)
			})
		})
	}
}

// answered waits until no click on a card is unanswered, or DingTalk waits no more.
func (c *clicks) answered(ctx context.Context, track string) error {
	c.mu.Lock()
	open := slices.Clone(c.open[track])
	c.mu.Unlock()
	if len(open) == 0 {
		return nil
	}
	limit := time.NewTimer(answerLimit + settleTime)
	defer limit.Stop()
	for _, done := range open {
		select {
		case <-done:
		case <-limit.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// stamps are times by name, the newest of them. The zero value is ready.
type stamps struct {
	mu sync.Mutex
	at map[string]time.Time
}

const maxStamps = 4096

func (s *stamps) set(name string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil || len(s.at) >= maxStamps {
		s.at = map[string]time.Time{} // too many: none is held back
	}
	s.at[name] = now
}

// since is how much of a pause is left after a stamp; 0 when none.
func (s *stamps) since(name string, now time.Time, pause time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.at[name]
	if !ok {
		return 0
	}
	return max(0, pause-now.Sub(t))
}

// roomOf is the room for which a message was sent: that of a private answer, which
// stands in a one-to-one chat, is the group where it was asked for. It is known
// for as long as keyOf knows the message.
func (p *Platform) roomOf(ref string) (chat.Room, bool) {
	word, ok := p.past.get("room/" + ref)
	if !ok {
		return chat.Room{}, false
	}
	kind, id, _ := strings.Cut(word, ":")
	return chat.Room{Platform: p.Name(), ID: id, Direct: kind == "direct"}, true
}

func roomWord(r chat.Room) string {
	if r.Direct {
		return "direct:" + r.ID
	}
	return "group:" + r.ID
}
