package dingtalk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

const dingPath = "/v1.0/robot/ding/send"

// maxDing bounds what a DING says, in bytes: a text message, or what a voice reads
// out in some seconds.
const maxDing = 300

// remindTypes are the means of a DING by the names of the config.
var remindTypes = map[string]int{"app": 1, "sms": 2, "phone": 3}

// dingAgain is the least pause before a DING that met a limit is tried again.
const dingAgain = time.Second

// What all processes know of one DING is one number: how often it was begun, and
// ended once it is known how it ended. It is written before the call and after it.
const (
	dingOver = 1 << 20
	maxBegun = 3 // times that a DING is begun whose end nobody lived to write down
	endWait  = 2 * time.Second
)

// dinged is what became of DINGs, for who operates.
type dinged struct {
	mu   sync.Mutex
	said map[string]bool // what was logged once: means and code
}

// ladder are the means to try where somebody is to be called by one, the strongest
// first: that one if it is paid for, and what is weaker, for the one that fails.
func ladder(paid []string, most desk.Means) []string {
	var try []string
	for m := most; m > desk.ByMessage; m-- {
		if slices.Contains(paid, m.String()) {
			try = append(try, m.String())
		}
	}
	return try
}

// ding calls the person of a sending by what cannot be overlooked. It goes beside
// the message and is the same telling: that it fails is logged, counted and told
// by Ready, and never an error of the message. The same notice calls once, also by
// another process, with one exception: when a process ended between its intention
// and the end of the call, the letter is still in the outbox, and who takes it up
// calls again, at most maxBegun times in all. So somebody may be called twice in
// that case: better than never for what is urgent.
func (p *Platform) ding(ctx context.Context, s bot.Sending) {
	person := s.Person
	if s.Room.Direct {
		person = s.Room.ID
	}
	means := ladder(p.o.Ding, s.Means)
	if len(means) == 0 || outside(person) || s.Key == "" {
		return
	}
	guard := "ding/" + s.Key
	if _, rang := p.past.get(guard); rang {
		return
	}
	n, err := p.tally(ctx, guard, 1)
	p.past.put(guard, "1")
	switch {
	case err != nil:
		p.log.Warn("dingtalk: whether a DING went out could not be asked; it goes out", "error", err)
	case n >= dingOver:
		return
	case n > maxBegun:
		p.log.Error("dingtalk: a DING was begun too often, each time by a process that ended; it is given up", "key", s.Key, "begun", n-1)
		return
	case n > 1:
		p.log.Warn("dingtalk: a process ended while it called somebody by DING; they are called again", "key", s.Key)
	}
	p.callBy(ctx, s, person, means)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWait)
	defer cancel()
	if _, err := p.tally(ending, guard, dingOver); err != nil {
		p.log.Warn("dingtalk: that a DING went out could not be noted; after a restart it may come once more", "key", s.Key, "error", err)
	}
}

// callBy tries the means in their order until one works, or may have.
func (p *Platform) callBy(ctx context.Context, s bot.Sending, person string, means []string) {
	for _, name := range means {
		switch err := p.ringTwice(ctx, s, person, name); {
		case err == nil:
			p.Count.Dings.Add(1)
			p.health.works("ding " + name)
			return
		default:
			p.Count.DingsFailed.Add(1)
			p.mute(name, err)
			if perhaps(err) {
				return // it may have rung
			}
		}
	}
}

// ringTwice is one means, and once more after a pause where a limit stood in the
// way.
func (p *Platform) ringTwice(ctx context.Context, s bot.Sending, person, name string) error {
	err := p.ring(ctx, s, person, name)
	var wait *chat.Later
	if !errors.As(err, &wait) || perhaps(err) || wait.After > 3*dingAgain {
		return err
	}
	t := time.NewTimer(max(wait.After, dingAgain) + 20*time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return p.ring(ctx, s, person, name)
	case <-ctx.Done():
		return err
	}
}

// ring is one DING.
func (p *Platform) ring(ctx context.Context, s bot.Sending, person, name string) error {
	var out struct {
		ID     string              `json:"openDingId"`
		Failed map[string][]string `json:"failedList"`
	}
	err := p.call(ctx, http.MethodPost, dingPath, map[string]any{
		"robotCode": p.o.RobotCode, "remindType": remindTypes[name], "receiverUserIdList": []string{person}, "content": dingWords(s.Card)}, &out)
	if err != nil {
		return err
	}
	for why, users := range out.Failed {
		if slices.Contains(users, person) {
			return notEver(p.plain(why), cause{fmt.Sprintf("%s: a DING by %s did not reach %q: %s", dingPath, name, person, p.plain(why)), fmt.Sprintf("DING（%s）没有送达 %q（%s: %s）", name, person, dingPath, p.plain(why))})
		}
	}
	if out.ID == "" {
		return &failure{code: codeUnread, maybe: true, as: &chat.Later{Why: dingPath + ": no openDingId"}}
	}
	p.told.put(out.ID, s.Key)
	return nil
}

// mute tells who operates that a means does not work: in the log once for each
// cause, and by Ready until it works. What concerns one person alone is no trouble
// of the service.
func (p *Platform) mute(name string, err error) {
	code := codeOf(err)
	line := fmt.Sprintf("DING by %s does not work: %v", name, err)
	if code == "ding.serverquota.insufficient" {
		line = fmt.Sprintf("DING by %s does not work: what was bought is used up, or the edition has none (%s); buy more, or take %q out of dingtalk.ding", name, code, name)
	}
	p.dings.mu.Lock()
	again := p.dings.said[name+code]
	if p.dings.said == nil || len(p.dings.said) > 100 {
		p.dings.said = map[string]bool{}
	}
	p.dings.said[name+code] = true
	p.dings.mu.Unlock()
	if !again {
		p.log.Error("dingtalk: "+line, "means", name)
	} else {
		p.log.Info("dingtalk: a DING failed again", "means", name, "code", code)
	}
	if code == "ding.serverquota.insufficient" || slices.Contains(denials, code) {
		p.health.broke("ding "+name, line)
	}
}

// dingWords is what a DING says: the title, and by when. The words of people stay
// in the message: a DING is read out and shown on locked phones.
func dingWords(c card.Card) string {
	text := oneLine(c.Title)
	for _, l := range c.Lines {
		if l.Kind == card.Field {
			sep := "：" // the first field of what is urgent is its deadline
			if c.Lang == "en" {
				sep = ": "
			}
			text += "\n" + l.Label + sep + oneLine(l.Text)
			break
		}
	}
	return cutBytes(text, maxDing)
}
