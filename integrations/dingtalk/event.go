package dingtalk

import (
	"context"
	"errors"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"

	"butler/bot/chat"
)

// The events that are read. All others are acknowledged and forgotten.
const (
	eventRead   = "robot_msg_read"
	eventRecall = "robot_msg_recall"
)

// onEvent hears what happened to a message. Events come again until they are
// answered with SUCCESS.
func (e *ear) onEvent(f *frame) *reply {
	r, err := readEvent([]byte(f.Data), f.GetHeader, wall())
	if err != nil {
		e.poison(f, err)
		return done()
	}
	id := r.id
	if id == "" {
		id = f.GetMessageId()
	}
	o, mine := e.seen.begin(wall(), known{"event/" + id, seenFor})
	if mine {
		e.seen.end(o, e.happened(r, id, f.GetMessageId()))
	}
	select {
	case <-o.done:
	case <-e.ctx.Done():
		return deferred()
	}
	if o.err != nil {
		return deferred()
	}
	return done()
}

// happened tells the bot what an event means to it.
func (e *ear) happened(r receipt, id, push string) error {
	p := e.p
	ctx, cancel := context.WithTimeout(e.ctx, hearWait)
	defer cancel()
	key, ours := p.keyOf(p.refOf(r.ref))
	var err error
	switch {
	case r.kind == eventRead && ours && r.user != "" && p.host != nil:
		err = p.host.Read(ctx, "dingtalk", r.user, key, r.at)
	case r.kind == eventRecall && r.said != "" && r.room.ID != "":
		err = e.hear(ctx, chat.Message{Room: r.room, ID: "recall/" + id, Deletes: r.said, Sender: chat.Person{ID: r.user}, SentAt: r.at, Delivery: push})
		if isDeclined(err) {
			err = nil
		}
	case r.kind == eventRecall:
		p.Count.Noise.Add(1)
		p.log.Info("dingtalk: somebody took back a message of ours", "room", r.room.String(), "notice", key)
	default:
		p.Count.Noise.Add(1)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		p.log.Warn("dingtalk: an event was not taken; it comes again", "event", r.kind, "push", push, "error", clean(err))
	}
	return err
}

// refOf is the reference of a message of ours that somebody quotes or reads: of a
// card they name what carries it.
func (p *Platform) refOf(ref string) string {
	if card, ok := p.past.get("card/" + ref); ok {
		return card
	}
	return ref
}

// done and deferred are the answers to an event.
func done() *reply { return taken(`{"status":"SUCCESS","message":"success"}`) }

func deferred() *reply {
	r := payload.NewDataFrameResponse(payload.DataFrameResponseStatusCodeKInternalError)
	r.Data = `{"status":"LATER","message":"later"}`
	return r
}
