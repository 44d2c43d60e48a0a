package dingfake_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
	"butler/integrations/fakery"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/card"
)

const (
	deliver = "/v1.0/card/instances/createAndDeliver"
	update  = "/v1.0/card/instances"
)

// delivered are the deliverResults of an answer.
func delivered(answer map[string]any) []any {
	result, _ := answer["result"].(map[string]any)
	list, _ := result["deliverResults"].([]any)
	return list
}

func TestACardIsUpdatedByKeyOrWhole(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	r.deliver("c1", front, map[string]string{"title": "安全事件 #1", "status": "待认领"})
	if m := s.Expect(front, "安全事件", "待认领"); m.Card != "c1" || m.Key == "" {
		t.Errorf("stands %+v", m)
	}
	body := map[string]any{"outTrackId": "c1", "cardData": map[string]any{"cardParamMap": map[string]string{"status": "已认领"}},
		"privateData": map[string]any{zhang: map[string]any{"cardParamMap": map[string]string{"mine": "是"}}}}
	byKey := maps.Clone(body)
	byKey["cardUpdateOptions"] = map[string]any{"updateCardDataByKey": true, "updatePrivateDataByKey": true}
	r.must("PUT", update, byKey)
	if got := s.ExpectCard("c1", "已认领").Params; got["title"] != "安全事件 #1" || s.Card("c1").Private[zhang]["mine"] != "是" {
		t.Errorf("by key: %v", got)
	}
	r.must("PUT", update, body)
	if got := s.Card("c1").Params; len(got) != 1 || got["status"] != "已认领" {
		t.Errorf("without, everything else is gone: %v", got)
	}
	r.refused("PUT", update, map[string]any{"outTrackId": "never"}, 400, "param.cardNotExist")
	r.must("PUT", "/v1.0/card/streaming", map[string]any{"outTrackId": "c1", "guid": "1", "key": "text", "content": "长文", "isFull": true, "isFinalize": true})
	if c := s.Card("c1"); c.Params["text"] != "长文" || !c.Streamed {
		t.Errorf("streamed: %v", c)
	}
	if got := s.Cards(front); len(got) != 1 || got[0].Updates != 3 || len(s.Cards(back)) != 0 {
		t.Errorf("cards: %v", got)
	}
}

func TestWhatCardsAreRefused(t *testing.T) {
	s := organisation(t)
	s.Unpublish("draft.schema")
	r := connect(t, s)
	with := func(id string, change map[string]any) map[string]any {
		m := r.card(id, front, map[string]string{"title": "x"})
		maps.Copy(m, change)
		return m
	}
	r.must("POST", deliver, with("c1", nil))
	r.refused("POST", deliver, with("c1", nil), 400, "param.cardAlreadyExist")
	r.refused("POST", deliver, with("c2", map[string]any{"cardTemplateId": "draft.schema"}), 400, "param.templateUnpublished")
	r.refused("POST", deliver, with("c2", map[string]any{"cardTemplateId": "none.schema"}), 400, "param.templateNotExist")
	r.refused("POST", deliver, with(strings.Repeat("x", 65), nil), 400, "param.invalid")
	r.refused("POST", deliver, with("c2", map[string]any{"cardData": map[string]any{"cardParamMap": map[string]any{"n": 7}}}), 400, "param.invalid")
	r.refused("POST", deliver, with("c2", map[string]any{"cardData": map[string]any{"cardParamMap": map[string]any{"n": strings.Repeat("长", 400)}}}), 400, "param.invalid")
	r.refused("POST", deliver, with("c2", map[string]any{"openSpaceId": "IM_GROUP." + front}), 400, "param.openSpaceIdInvalid")
	r.refused("POST", deliver, with("c2", map[string]any{"openSpaceId": "dtv1.card//IM_ROBOT." + zhang}), 400, "param.openDeliverModelEmpty")
}

func TestACardMayReachNobody(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	s.Fail(deliver, dingfake.Undelivered("SYSTEM_ERROR").In(front))
	got := r.must("POST", deliver, r.card("c1", front, map[string]string{"title": "没到"}))
	if list := delivered(got); got["success"] != true || len(list) != 1 || list[0].(map[string]any)["success"] != false {
		t.Errorf("answered %v", got)
	}
	s.ExpectNone(front, 0, "没到")
	r.refused("POST", deliver, r.card("c1", front, map[string]string{"title": "没到"}), 400, "param.cardAlreadyExist")

	body := r.card("c2", front, map[string]string{"title": "两处"})
	body["openSpaceId"] = fmt.Sprintf("dtv1.card//IM_GROUP.%s;IM_ROBOT.%s", front, "nobody")
	body["imRobotOpenSpaceModel"], body["imRobotOpenDeliverModel"] = map[string]any{}, map[string]any{"spaceType": "IM_ROBOT"}
	list := delivered(r.must("POST", deliver, body))
	if list[0].(map[string]any)["success"] != true || list[1].(map[string]any)["success"] != false {
		t.Errorf("one of two: %v", list)
	}
	s.Expect(front, "两处")

	body["outTrackId"], body["openSpaceId"] = "c3", "dtv1.card//IM_ROBOT."+zhang
	r.must("POST", deliver, body)
	if m := s.Expect(s.Direct(zhang), "两处"); m.Card != "c3" {
		t.Errorf("one-to-one stands %+v", m)
	}
}

func TestAClickIsAnsweredBeforeTheCardIsUpdated(t *testing.T) {
	rec := &fakery.Recorder{TB: t}
	s := dingfake.New(rec, dingfake.AnswerWithin(time.Minute))
	s.Staff(zhang, "张工")
	s.Group(front, dingfake.With(zhang))
	robot := listen(t, s)
	r := connect(t, s)
	r.deliver("c1", front, map[string]string{"status": "待认领"})
	body := map[string]any{"outTrackId": "c1", "cardData": map[string]any{"cardParamMap": map[string]string{"status": "已认领"}}}
	inside := make(chan struct{})
	robot.inClick = func() { r.must("PUT", update, body); close(inside) }
	p := s.Press(zhang, "c1", map[string]any{"command": "/claim 1"})
	<-inside
	s.Acked(p.Delivery)
	if got := rec.Heard(); len(got) != 1 || !strings.Contains(got[0], "not answered yet") {
		t.Errorf("an update inside the callback: %q", got)
	}
	robot.inClick = nil
	s.Press(zhang, "c1", nil).Acked()
	r.must("PUT", update, body)
	if got := rec.Heard(); len(got) != 1 {
		t.Errorf("an update after the answer: %q", got)
	}
}

func TestAClickIsAnsweredInTime(t *testing.T) {
	rec := &fakery.Recorder{TB: t}
	s := dingfake.New(rec, dingfake.AnswerWithin(time.Millisecond))
	s.Staff(zhang, "张工")
	s.Group(front, dingfake.With(zhang))
	robot := listen(t, s)
	connect(t, s).deliver("c1", front, map[string]string{"status": "待认领"})
	robot.answer.Store(&card.CardResponse{CardData: &card.CardDataDto{CardParamMap: map[string]string{"status": "已认领"}}})
	robot.inClick = func() { <-time.After(5 * time.Millisecond) }
	s.Press(zhang, "c1", nil).Acked()
	if got := rec.Heard(); len(got) != 1 || !strings.Contains(got[0], "was answered after") || s.Card("c1").Params["status"] != "待认领" {
		t.Errorf("too late: %q, %v", got, s.Card("c1").Params)
	}
}

func TestADingClimbsItsMeans(t *testing.T) {
	s := organisation(t, dingfake.DingQuota(dingfake.ByPhone, 1), dingfake.DingQuota(dingfake.BySMS, 0))
	s.Staff("staff02", "李工")
	r := connect(t, s)
	ding := func(means int, users ...string) map[string]any {
		return map[string]any{"robotCode": s.RobotCode, "remindType": means, "receiverUserIdList": users, "content": "请接手 #1"}
	}
	id := r.must("POST", "/v1.0/robot/ding/send", ding(dingfake.ByApp, zhang, lihua))["openDingId"].(string)
	if d := s.ExpectDing(zhang, dingfake.ByApp, "#1"); d.ID != id || len(s.Dings(lihua)) != 0 {
		t.Errorf("reached %+v", d)
	}
	read := func() string {
		return fmt.Sprint(r.must("POST", "/v1.0/robot/ding/readStatuses/query", map[string]any{"robotCode": s.RobotCode, "openDingId": id})["result"])
	}
	if strings.Contains(read(), ":READ") {
		t.Error("read by nobody")
	}
	s.ReadDing(zhang, id)
	if !strings.Contains(read(), "readStatus:READ") {
		t.Errorf("read: %s", read())
	}
	r.refused("POST", "/v1.0/robot/ding/send", ding(dingfake.BySMS, zhang), 400, "ding.serverquota.insufficient")
	r.must("POST", "/v1.0/robot/ding/send", ding(dingfake.ByPhone, zhang))
	r.refused("POST", "/v1.0/robot/ding/send", ding(dingfake.ByPhone, zhang), 400, "ding.serverquota.insufficient")
	r.refused("POST", "/v1.0/robot/ding/send", ding(4, zhang), 400, "invalidParameter.param.invalid")
	r.refused("POST", "/v1.0/robot/ding/send", ding(dingfake.ByPhone, strings.Split(strings.Repeat("u,", 20)+"u", ",")...), 400, "ding.receivercount.limit")
	s.Fail("/v1.0/robot/ding/send", dingfake.DingFails("用户拒收", "staff02"))
	if got := r.must("POST", "/v1.0/robot/ding/send", ding(dingfake.ByApp, zhang, "staff02")); fmt.Sprint(got["failedList"]) != "map[用户拒收:[staff02]]" || len(s.Dings("staff02")) != 0 {
		t.Errorf("not for everybody: %v", got)
	}
	r.must("POST", "/v1.0/robot/ding/recall", map[string]any{"robotCode": s.RobotCode, "openDingId": id})
	if d := s.Dings(zhang)[0]; !d.Recalled {
		t.Errorf("recalled: %+v", d)
	}
}
