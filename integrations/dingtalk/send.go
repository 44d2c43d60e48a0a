package dingtalk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"butler/bot"
	"butler/bot/card"
	"butler/bot/chat"
	"butler/bot/desk"
)

var (
	_ bot.Platform = (*Platform)(nil)
	_ bot.Editor   = (*Platform)(nil)
	_ bot.Budgeter = (*Platform)(nil)
)

// spacing keeps a burst of one room below the 20 calls a second that the standard
// edition allows an app at one API, with room for other rooms.
const spacing = 250 * time.Millisecond

// maxMentions is how many people one message at a webhook may call.
const maxMentions = 50

// Paths of the OpenAPI by which messages go.
const (
	groupPath = "/v1.0/robot/groupMessages/send"
	otoPath   = "/v1.0/robot/oToMessages/batchSend"
	hookPath  = "session webhook" // names it in errors; its address is a secret
)

// speech is what speaking remembers, part of Platform.
type speech struct {
	clock  func() time.Time // wall, but in tests
	tokens tokens
	rests  rests
	ledger ledger
	hooks  pacer
	past   told   // steps of sendings that went through, by step and key
	edits  stamps // of boards: when each was edited last
	clicks clicks // that are not answered yet
	cards  stamps // until when cards are not tried
	salt   salt   // of the ids of cards
	dings  dinged // that failed
	// ciphers are those of people without a userid, by their id: who listens notes
	// them, and a webhook calls by them.
	ciphers told
	pause   time.Duration // before a DING is tried again

	pictures pictures
}

// speak makes speech ready. The host may come later, by Meet.
func (p *Platform) speak() {
	p.clock = wall
	p.rests.clock = p.now
	p.ledger.limit = p.o.MonthlyCalls
	p.ledger.name = ledgerName(p.o.ClientID)
	p.ledger.clock = p.now
	p.ledger.tally = p.tally
	p.ledger.fail = func(err error) { p.log.Warn("dingtalk: the month's calls could not be written yet", "error", err) }
}

// now is the time of the wall.
func (p *Platform) now() time.Time { return p.clock() }

// tally is the host's; without a host nothing is counted.
func (p *Platform) tally(ctx context.Context, name string, n int64) (int64, error) {
	if p.host == nil {
		return 0, nil
	}
	return p.host.Tally(ctx, name, n)
}

// Limits is the pace of one room and what DingTalk takes.
func (p *Platform) Limits(chat.Room) chat.Limits {
	return chat.Limits{Spacing: spacing, Body: maxParam, Mentions: maxMentions, PerMonth: int(p.o.MonthlyCalls)}
}

// Send tells one card, and calls its person by a DING besides where Means asks for
// it. How it goes:
//
//   - A one-to-one chat: a card where there is something to press and a template,
//     else markdown.
//   - For one person's eyes in a group: there are no such messages. It goes to a
//     one-to-one chat; for people without a userid (outsiders) to the group with
//     an @, if the sheet is one that a customer may see, else never.
//   - To a group, calling somebody: the group API cannot @. With a template the
//     card calls them. Without one the session webhook does, while it is valid;
//     else they are told one-to-one, and the group sees the message with their
//     name.
//   - To a group: a card for boards and for what can be pressed, else markdown.
//
// A template that cannot be used, or a card that reached nobody, is markdown at
// once: a plain message is better than none.
//
// Errors: *chat.Later for limits, outages, a budget that is used up or kept for
// urgent cases, and what an operator has to mend (Ready says so too);
// *chat.Never for what no repetition mends.
func (p *Platform) Send(ctx context.Context, s bot.Sending) (chat.Receipt, error) {
	if s.Kind == desk.NLouder { // the message is there, unread
		p.ding(ctx, s)
		return chat.Receipt{}, nil
	}
	if err := p.turn(ctx, s); err != nil {
		return chat.Receipt{}, err
	}
	p.develop(ctx, s)
	ref, err := p.tell(ctx, s)
	if err == nil && ref != "" {
		p.remember(ref, s)
	}
	if s.Means > desk.ByMessage && !hopeless(err) {
		p.ding(ctx, s)
	}
	return chat.Receipt{Ref: ref}, err
}

// remember keeps which notice a message told, and in which room it belongs.
func (p *Platform) remember(ref string, s bot.Sending) {
	p.told.put(ref, s.Key)
	p.past.put("room/"+ref, roomWord(s.Room))
}

// tell is Send without the DING.
func (p *Platform) tell(ctx context.Context, s bot.Sending) (string, error) {
	saving := p.afford(ctx, s.Urgent)
	switch {
	case s.Room.Direct:
		if saving != nil {
			return p.freely(ctx, s, form{direct: true}, saving)
		}
		return p.toPerson(ctx, s.Room.ID, s)
	case s.Private && s.Person != "":
		return p.aside(ctx, s, saving)
	case s.Person != "":
		return p.callOut(ctx, s, saving)
	case saving != nil:
		return p.freely(ctx, s, form{}, saving)
	}
	return p.toGroup(ctx, s, form{})
}

// freely sends by the session webhook, which costs no call of the month, what
// would have to wait otherwise. Of a board only its first showing goes so, for
// somebody waits for it; it cannot be edited, and the next change waits until it
// can be a card.
func (p *Platform) freely(ctx context.Context, s bot.Sending, f form, saving error) (string, error) {
	if isBoard(s) && s.Kind != desk.NOpened {
		return "", merging(saving)
	}
	if done, err := p.toHook(ctx, s, f); done {
		return "", err
	}
	return "", saving
}

// aside tells one person alone what was asked for in a group.
func (p *Platform) aside(ctx context.Context, s bot.Sending, saving error) (string, error) {
	if !outside(s.Person) {
		if saving != nil {
			one := s
			one.Room = direct(s.Person)
			ref, err := p.freely(ctx, one, form{direct: true}, saving)
			if err == saving && s.Inside { // their colleagues may read it
				return p.freely(ctx, s, form{at: s.Person, name: s.Name}, saving)
			}
			return ref, err
		}
		ref, err := p.toPerson(ctx, s.Person, s)
		if !hopeless(err) || inner(s.Card) {
			return ref, err
		}
	} else if inner(s.Card) {
		return "", notEver(codeNobody, "an internal answer needs a userid to go to, and this person has none")
	}
	f := form{at: s.Person, name: s.Name}
	if done, err := p.toHook(ctx, s, f); done {
		return "", err
	}
	if saving != nil {
		return "", saving
	}
	return p.toGroup(ctx, s, form{name: s.Name}) // its sheet is one that a customer may see
}

// callOut tells a group and calls somebody in it.
func (p *Platform) callOut(ctx context.Context, s bot.Sending, saving error) (string, error) {
	known := !outside(s.Person)
	if saving != nil {
		return p.freely(ctx, s, form{at: s.Person, name: s.Name}, saving)
	}
	if known && p.cardsWork() {
		ref, ok, err := p.deliver(ctx, s, form{at: s.Person, name: s.Name}, spaceGroup+s.Room.ID)
		if ok || err != nil {
			return ref, err
		}
	}
	if !isBoard(s) {
		if done, err := p.toHook(ctx, s, form{at: s.Person, name: s.Name}); done {
			return "", err
		}
	}
	f := form{name: s.Name}
	if known {
		if _, done := p.past.get("one/" + s.Key); !done {
			one := s
			one.Room = chat.Room{Platform: p.Name(), ID: s.Person, Direct: true}
			ref, err := p.toPerson(ctx, s.Person, one)
			if err != nil && (hopeless(err) || s.Means == 0) {
				return "", err
			}
			if err == nil {
				p.remember(ref, s)
				p.past.put("one/"+s.Key, ref)
			}
		}
		_, f.aside = p.past.get("one/" + s.Key)
	}
	return p.toGroup(ctx, s, f)
}

// inner reports whether a card is of a sheet for staff alone: its words go to no
// outsider.
func inner(c card.Card) bool { return strings.HasSuffix(c.Sheet, ".back") }

// outside reports whether somebody has no userid: people of other organisations,
// whom DingTalk calls by a cipher, apps, and those of whom it says nothing.
func outside(id string) bool {
	return id == "" || id == chat.Unknown || strings.HasPrefix(id, "$") || strings.HasPrefix(id, extPrefix) || strings.HasPrefix(id, chat.AppPrefix)
}

// isBoard reports whether a card is one that will be edited. The boards are made
// by the sheets of that name, and by the welcome card.
func isBoard(s bot.Sending) bool {
	switch s.Card.Sheet {
	case "board", "board.back", "onboarding", "onboarding.back":
		return true
	}
	return false
}

// asCard reports whether a card should be an interactive one: it is edited, or
// there is something to press on it.
func asCard(s bot.Sending) bool { return isBoard(s) || len(s.Card.Buttons) > 0 }

// toGroup sends to a group by the OpenAPI.
func (p *Platform) toGroup(ctx context.Context, s bot.Sending, f form) (string, error) {
	if p.cardsWork() && asCard(s) {
		ref, ok, err := p.deliver(ctx, s, f, spaceGroup+s.Room.ID)
		if ok || err != nil {
			return ref, err
		}
	}
	f.picture = p.picture(s.Card.Chart)
	title, text := markdown(s.Card, f) // f calls nobody: the group API cannot @
	var out struct {
		Key string `json:"processQueryKey"`
	}
	err := p.call(ctx, http.MethodPost, groupPath, map[string]string{
		"robotCode": p.o.RobotCode, "openConversationId": s.Room.ID, "msgKey": "sampleMarkdown", "msgParam": paramOf(title, text)}, &out)
	return out.Key, err
}

// toPerson sends to somebody's one-to-one chat with the robot.
func (p *Platform) toPerson(ctx context.Context, user string, s bot.Sending) (string, error) {
	if outside(user) {
		return p.toOutsider(ctx, user, s)
	}
	f := form{direct: s.Room.Direct}
	if p.cardsWork() && asCard(s) {
		ref, ok, err := p.deliver(ctx, s, f, spaceRobot+user)
		if ok || err != nil {
			return ref, err
		}
	}
	f.picture = p.picture(s.Card.Chart)
	title, text := markdown(s.Card, f)
	return p.toOne(ctx, user, "sampleMarkdown", paramOf(title, text))
}

// toOutsider answers in the one-to-one chat of somebody without a userid, which
// only its session webhook reaches.
func (p *Platform) toOutsider(ctx context.Context, user string, s bot.Sending) (string, error) {
	if inner(s.Card) {
		return "", notEver(codeNobody, "an internal message needs a userid to go to, and this person has none")
	}
	s.Room = chat.Room{Platform: p.Name(), ID: user, Direct: true}
	if done, err := p.toHook(ctx, s, form{direct: true}); done {
		return "", err
	}
	return "", notEver(codeNobody, "DingTalk gives this person no userid, and they wrote nothing lately that could be answered")
}

// toOne sends a message of the robot to one person. The batch of one succeeds also
// when it reached nobody: three lists say why.
func (p *Platform) toOne(ctx context.Context, user, kind, param string) (string, error) {
	var out struct {
		Key      string   `json:"processQueryKey"`
		Invalid  []string `json:"invalidStaffIdList"`
		Flow     []string `json:"flowControlledStaffIdList"`
		Filtered []string `json:"filteredStaffIdList"`
	}
	err := p.call(ctx, http.MethodPost, otoPath, map[string]any{
		"robotCode": p.o.RobotCode, "userIds": []string{user}, "msgKey": kind, "msgParam": param}, &out)
	switch {
	case err != nil:
		return "", err
	case len(out.Invalid) > 0:
		return "", notEver("invalidStaffId", fmt.Sprintf("%s: DingTalk knows no user %q, or the app may not see them", otoPath, user))
	case len(out.Filtered) > 0:
		return "", notEver("filteredStaffId", fmt.Sprintf("%s: %q takes no messages of the robot", otoPath, user))
	case len(out.Flow) > 0:
		return "", notNow("flowControlledStaffId", flowWait, fmt.Sprintf("%s: %q got too many messages", otoPath, user))
	}
	return out.Key, nil
}

// Edit shows a card in the place of an earlier one. Repeating it does no harm.
// Never: the card is gone.
//
// What is markdown cannot be changed. A group without cards is not told of every
// change then, for it would be a wall: news has its own messages already. Only
// what no other message says is told, in one short line: that somebody took the
// case, that the promise was missed.
func (p *Platform) Edit(ctx context.Context, ref string, s bot.Sending) (chat.Receipt, error) {
	if !strings.HasPrefix(ref, trackPrefix) {
		return p.retell(ctx, ref, s)
	}
	if err := p.turn(ctx, s); err != nil {
		return chat.Receipt{}, err
	}
	if err := p.afford(ctx, s.Urgent); err != nil {
		return chat.Receipt{}, merging(err)
	}
	if !s.Urgent && p.thrifty(ctx) {
		if left := p.edits.since(ref, p.now(), boardPause); left > 0 {
			return chat.Receipt{}, merging(notNow(codeSaving, min(left, savingWait), "calls are saved: a board is edited once a minute"))
		}
	}
	if err := p.clicks.answered(ctx, ref); err != nil {
		return chat.Receipt{}, notNow(codeTransport, 0, "a click on the card is not answered yet")
	}
	p.develop(ctx, s)
	if err := p.update(ctx, ref, params(s.Card, form{direct: s.Room.Direct, picture: p.picture(s.Card.Chart)})); err != nil {
		return chat.Receipt{}, err
	}
	p.edits.set(ref, p.now())
	p.remember(ref, s)
	return chat.Receipt{Ref: ref}, nil
}

// retold are the changes of a board, by the kind of its notice, of which no other
// message in the room tells.
var retold = map[string]bool{"claimed": true, "breached": true}

// retell says in one short line what an edit would show where nothing can be
// edited, if no other message says it.
func (p *Platform) retell(ctx context.Context, ref string, s bot.Sending) (chat.Receipt, error) {
	if !retold[string(s.Kind)] {
		p.remember(ref, s)
		return chat.Receipt{Ref: ref}, nil
	}
	if err := p.afford(ctx, s.Urgent); err != nil {
		return chat.Receipt{}, merging(err)
	}
	if err := p.turn(ctx, s); err != nil {
		return chat.Receipt{}, err
	}
	s.Card = short(s.Card)
	next, err := p.toGroup(ctx, bot.Sending{Key: s.Key, Room: s.Room, Card: s.Card}, form{})
	if err != nil {
		return chat.Receipt{}, err
	}
	p.remember(next, s)
	return chat.Receipt{Ref: next}, nil
}

// short is a board's title with what is promised next: its first field, and the
// first words that are no quote. It has no sheet, so that it is no board.
func short(c card.Card) card.Card {
	s := card.Card{Lang: c.Lang, Tone: c.Tone, Title: c.Title}
	seen := map[card.LineKind]bool{}
	for _, l := range c.Lines {
		if (l.Kind == card.Field || l.Kind == card.Text) && !seen[l.Kind] {
			seen[l.Kind] = true
			s.Lines = append(s.Lines, l)
		}
	}
	return s
}
