package dingfake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"butler/integrations/dingtalk/dingfake"
	"butler/integrations/fakery"
)

const send = "/v1.0/robot/groupMessages/send"

func TestFailuresHaveTheirShapes(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	for name, c := range map[string]struct {
		fault  dingfake.Fault
		status int
		want   string // part of the body
	}{
		"qps":         {dingfake.QPS(), 403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"},
		"everybody":   {dingfake.PlatformQPS(), 403, "Forbidden.AccessDenied.QpsLimitForApi"},
		"month":       {dingfake.OverQuota(), 403, "Forbidden.AccessDenied.ApiCountLimitForOrg"},
		"old month":   {dingfake.OldOverQuota(), 200, "90020"},
		"token":       {dingfake.TokenExpired(), 400, "InvalidAuthentication"},
		"permission":  {dingfake.PermissionDenied("Card.Instance.Write"), 403, "requiredScopes:[Card.Instance.Write]"},
		"errcode":     {dingfake.Errcode(310000, "keywords not in content"), 200, "310000"},
		"its words":   {dingfake.TextErrcode("410100", "发送速度太快而限流"), 200, "410100"},
		"ban":         {dingfake.Banned(), 200, "<!DOCTYPE html>"},
		"ban as 403":  {dingfake.Banned().As(403), 403, "punish"},
		"gateway":     {dingfake.GatewayTimeout(), 504, "<html>"},
		"unsuccesful": {dingfake.Unsuccessful(), 200, "success:false"},
		"empty":       {dingfake.Empty(), 200, ""},
	} {
		p := s.Fail(send, c.fault)
		status, body := r.call("POST", send, r.message(front, name))
		if status != c.status || !strings.Contains(fmt.Sprint(body), c.want) || body["processQueryKey"] != nil {
			t.Errorf("%s: %d %v", name, status, body)
		}
		p.Hit(1)
	}
	if len(s.Posted(front)) != 0 {
		t.Errorf("a call that failed said %v", s.Posted(front))
	}
	r.say(front, "现在好了")
}

func TestFaultsFindTheirCalls(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	p := s.Fail(send, dingfake.QPS().In(front).After(1).Times(2))
	var got []int
	for range 4 {
		status, _ := r.call("POST", send, r.message(front, "前"))
		got = append(got, status)
	}
	if status, _ := r.call("POST", send, r.message(back, "后")); status != 200 || fmt.Sprint(got) != "[200 403 403 200]" || p.Hits() != 2 {
		t.Errorf("in the front %v, in the back %d, %d hits", got, status, p.Hits())
	}
	all := s.Fail("*", dingfake.Status(500).Always())
	r.call("POST", send, r.message(back, "x"))
	all.Lift()
	r.say(back, "好")
}

func TestASendMayBeAmbiguous(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	s.Fail(send, dingfake.DropsAfter())
	if _, _, err := r.try("POST", send, r.message(front, "已到")); err == nil {
		t.Error("the answer came")
	}
	s.Expect(front, "已到")
	s.Fail(send, dingfake.DropsBefore())
	if _, _, err := r.try("POST", send, r.message(front, "未到")); err == nil {
		t.Error("the answer came")
	}
	s.ExpectNone(front, 0, "未到")

	hangs := s.Fail(send, dingfake.HangsAfter())
	done := make(chan int)
	go func() {
		status, _, _ := r.try("POST", send, r.message(front, "晚到"))
		done <- status
	}()
	hangs.Hit(1)
	s.Expect(front, "晚到")
	s.Release()
	if status := <-done; status != 200 {
		t.Errorf("after Release came %d", status)
	}
	ctx, cancel := context.WithCancel(t.Context())
	hangs = s.Fail(send, dingfake.Hangs())
	go func() { hangs.Hit(1); cancel() }()
	r.ctx = ctx
	if _, _, err := r.try("POST", send, r.message(front, "放弃")); err == nil {
		t.Error("an answer came from who hangs")
	}
	s.ExpectNone(front, 0, "放弃")
}

func TestTwentyASecond(t *testing.T) {
	s := organisation(t, dingfake.PerSecond(20))
	r := connect(t, s)
	refused := 0
	for range 500 {
		if refused > 0 {
			break
		}
		if status, body := r.call("POST", send, r.message(front, "x")); status == 403 && strings.Contains(fmt.Sprint(body["code"]), "QpsLimit") {
			refused++
		}
	}
	if refused == 0 {
		t.Error("nothing was throttled")
	}
	s.Skip(time.Second)
	r.say(front, "一秒之后")
}

func TestTheMonthIsUsedUp(t *testing.T) {
	s := organisation(t, dingfake.Quota(5000))
	r := connect(t, s)
	s.Spend(4999)
	r.say(front, "最后一条")
	r.refused("POST", send, r.message(front, "x"), 403, "Forbidden.AccessDenied.ApiCountLimitForOrg")
	if got := s.Spent(); got != 5000 {
		t.Errorf("%d calls are spent", got)
	}
	r.login() // tokens do not count
	_, old := r.call("POST", "/topapi/im/chat/scenegroup/get?access_token="+r.token, map[string]any{"open_conversation_id": front})
	if old["errcode"] != 90020.0 {
		t.Errorf("the old API says %v", old)
	}
	s.Skip(31 * 24 * time.Hour)
	r.login()
	r.say(front, "新的一月")
}

func TestPermissionsAreNamed(t *testing.T) {
	s := organisation(t, dingfake.Permissions("qyapi_robot_sendmsg"))
	r := connect(t, s)
	r.say(front, "可以")
	status, body := r.call("POST", "/v1.0/card/instances/createAndDeliver", r.card("c", front, nil))
	if detail, _ := body["accessdenieddetail"].(map[string]any); status != 403 || fmt.Sprint(detail["requiredScopes"]) != "[Card.Instance.Write]" {
		t.Errorf("without the permission: %d %v", status, body)
	}
}

func TestAWebhookIsSilentForTenMinutes(t *testing.T) {
	s := organisation(t, dingfake.StringCodes())
	r := connect(t, s)
	hook := s.Say(front, lihua, "@管家 你好", dingfake.Unheard()).Webhook
	if hook != "" {
		t.Error("what is not heard has no webhook")
	}
	hook = s.Say(front, lihua, "@管家 你好").Webhook
	say := func(content string) string {
		t.Helper()
		status, body := r.call("POST", hook, map[string]any{"msgtype": "text", "text": map[string]any{"content": content}})
		if status != 200 {
			t.Errorf("a webhook answers %d", status)
		}
		return fmt.Sprint(body["errcode"])
	}
	for i := range 20 {
		if code := say(fmt.Sprint("第", i)); code != "0" {
			t.Fatalf("message %d: %s", i, code)
		}
	}
	if code := say("第21"); code != "410100" {
		t.Errorf("the twenty-first in a minute: %s", code)
	}
	s.Skip(9 * time.Minute)
	if code := say("九分钟后"); code != "410100" {
		t.Errorf("after nine minutes: %s", code)
	}
	s.Skip(2 * time.Minute)
	if code := say("十一分钟后"); code != "0" {
		t.Errorf("after eleven minutes: %s", code)
	}
	s.Skip(90 * time.Minute)
	if code := say("过期"); code != "300001" {
		t.Errorf("an expired webhook: %s", code)
	}
	dead := s.Say(front, lihua, "@管家 你好", dingfake.Dead())
	var told struct{ SessionWebhookExpiredTime int64 }
	if err := json.Unmarshal(dead.Delivery().Data, &told); err != nil || told.SessionWebhookExpiredTime < s.Now().UnixMilli() {
		t.Errorf("a webhook that is dead says it lives: %v %v", told, err)
	}
	if hook = dead.Webhook; say("死") != "300001" {
		t.Error("a dead webhook works")
	}
}

func TestAWebhookFailsToo(t *testing.T) {
	s := organisation(t, dingfake.WebhookPerRoom())
	r := connect(t, s)
	hook, other := s.Say(front, lihua, "@管家 你好").Webhook, s.Say(back, zhang, "@管家 你好").Webhook
	body := map[string]any{"msgtype": "actionCard", "actionCard": map[string]any{"title": "选", "text": "请选", "btns": []map[string]string{{"title": "接手", "actionURL": "https://a.example"}}}}
	s.Fail(dingfake.WebhookPath, dingfake.Banned().In(front))
	if _, got := r.call("POST", other, body); got["errcode"] != 0.0 {
		t.Errorf("the other group: %v", got)
	}
	if _, got := r.call("POST", hook, body); !strings.Contains(fmt.Sprint(got[""]), "<html>") {
		t.Errorf("the group that is meant: %v", got)
	}
	if m := s.Expect(back, "接手"); m.Links[0].URL != "https://a.example" {
		t.Errorf("links %v", m.Links)
	}
	for range 20 {
		r.call("POST", hook, body)
	}
	if _, got := r.call("POST", hook, body); got["errcode"] != 410100.0 {
		t.Errorf("the twenty-first there: %v", got)
	}
	if _, got := r.call("POST", other, body); got["errcode"] != 0.0 {
		t.Errorf("the other group has its own twenty: %v", got)
	}
	s.ExpireWebhooks()
	if _, got := r.call("POST", other, body); got["errcode"] != 300001.0 {
		t.Errorf("expired: %v", got)
	}
	if _, got := r.call("POST", hook, map[string]any{"msgtype": "text"}); got["errcode"] == 0.0 {
		t.Errorf("nothing was said: %v", got)
	}
}

func TestAnAtReallyNotifies(t *testing.T) {
	s := organisation(t)
	s.Staff("staff02", "李工") // not in the group
	r := connect(t, s)
	hook := s.Say(front, lihua, "@管家 你好").Webhook
	at := map[string]any{"atUserIds": []string{zhang, "staff02", lihua}}
	r.must("POST", hook, map[string]any{"msgtype": "text", "text": map[string]any{"content": "请看"}, "at": at})
	if m := s.ExpectAt(front, zhang, "请看"); len(m.At) != 1 {
		t.Errorf("notified %v", m.At)
	}
	r.must("POST", hook, map[string]any{"msgtype": "markdown", "markdown": map[string]any{"title": "无", "text": "没有写他"}, "at": at})
	if m := s.Expect(front, "没有写他"); len(m.At) != 0 {
		t.Errorf("markdown without the words notified %v", m.At)
	}
	r.must("POST", hook, map[string]any{"msgtype": "markdown", "markdown": map[string]any{"title": "有", "text": "@13800000001 请接手"}, "at": map[string]any{"atMobiles": []string{"13800000001"}}})
	s.ExpectAt(front, zhang, "请接手")
	card := r.card("c-at", front, map[string]string{"title": "在卡片里"})
	card["imGroupOpenDeliverModel"] = map[string]any{"robotCode": s.RobotCode, "atUserIds": map[string]string{zhang: "张工"}}
	r.must("POST", "/v1.0/card/instances/createAndDeliver", card)
	s.ExpectAt(front, zhang, "在卡片里")
}

func TestWhatARobotMayNotDoFailsTheTest(t *testing.T) {
	rec := &fakery.Recorder{TB: t}
	s := dingfake.New(rec)
	r := connect(t, s)
	s.Staff(zhang, "张工")
	s.Group(front, dingfake.With(zhang))
	complains := func(what string, n int) {
		t.Helper()
		if got := rec.Heard(); len(got) != n {
			t.Errorf("%s: %d complaints: %q", what, len(got), got)
		}
	}
	r.refused("POST", "/v1.0/robot/oToMessages/batchRecall", nil, 404, "InvalidAction.NotFound") // it is otoMessages
	complains("an unknown call", 1)
	r.call("GET", send, nil)
	complains("a wrong method", 2)
	s.Allow("/v1.0/contact/users/me")
	r.must("GET", "/v1.0/contact/users/me", nil)
	complains("an allowed call", 2)
	s.ExpectNone(front, 0, "你好")
	r.say(front, "你好")
	s.ExpectNone(front, 0, "你好")
	complains("what should not be said", 3)
}
