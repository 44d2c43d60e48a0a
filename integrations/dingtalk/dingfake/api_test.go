package dingfake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"butler/integrations/dingtalk/dingfake"
)

// rest is a client of the API as small as one can be: it adds the token and reads
// JSON, and leaves the judging to the test.
type rest struct {
	t     *testing.T
	s     *dingfake.Server
	ctx   context.Context
	token string
}

func connect(t *testing.T, s *dingfake.Server) *rest {
	t.Helper()
	r := &rest{t: t, s: s, ctx: t.Context()}
	r.login()
	return r
}

// login takes a token, the one of before while it lives.
func (r *rest) login() {
	r.t.Helper()
	status, body := r.call("POST", "/v1.0/oauth2/accessToken", map[string]any{"appKey": r.s.ClientID, "appSecret": r.s.ClientSecret})
	r.token, _ = body["accessToken"].(string)
	if status != 200 || r.token == "" {
		r.t.Fatalf("no token: %d %v", status, body)
	}
}

// call makes one call. What is no JSON comes back as text under "".
func (r *rest) call(method, path string, body any) (int, map[string]any) {
	r.t.Helper()
	status, answer, err := r.try(method, path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	return status, answer
}

func (r *rest) try(method, path string, body any) (int, map[string]any, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	if !strings.HasPrefix(path, "http") {
		path = r.s.URL() + path
	}
	q, err := http.NewRequestWithContext(r.ctx, method, path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Accept", "application/json")
	q.Header.Set("x-acs-dingtalk-access-token", r.token)
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, nil, err
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		return 0, nil, err
	}
	answer := map[string]any{}
	if json.Unmarshal(text, &answer) != nil {
		answer[""] = string(text)
	}
	return a.StatusCode, answer, nil
}

// must fails the test unless a call succeeds.
func (r *rest) must(method, path string, body any) map[string]any {
	r.t.Helper()
	status, answer := r.call(method, path, body)
	if status != 200 || answer["code"] != nil {
		r.t.Fatalf("%s: %d %v", path, status, answer)
	}
	return answer
}

// refused fails the test unless a call is refused with a code.
func (r *rest) refused(method, path string, body any, status int, code string) {
	r.t.Helper()
	if got, answer := r.call(method, path, body); got != status || answer["code"] != code {
		r.t.Errorf("%s: %d %v, want %d %s", path, got, answer, status, code)
	}
}

func text(content string) string {
	raw, _ := json.Marshal(map[string]string{"content": content})
	return string(raw)
}

// message is the body of a text for a group.
func (r *rest) message(group, content string) map[string]any {
	return map[string]any{"robotCode": r.s.RobotCode, "openConversationId": group, "msgKey": "sampleText", "msgParam": text(content)}
}

// batch is the body of a text for people.
func (r *rest) batch(content string, users ...string) map[string]any {
	return map[string]any{"robotCode": r.s.RobotCode, "userIds": users, "msgKey": "sampleText", "msgParam": text(content)}
}

// say says something in a group and returns its key.
func (r *rest) say(group, content string) string {
	r.t.Helper()
	return r.must("POST", "/v1.0/robot/groupMessages/send", r.message(group, content))["processQueryKey"].(string)
}

// card is the body of a card for a group.
func (r *rest) card(id, group string, params map[string]string) map[string]any {
	return map[string]any{"cardTemplateId": r.s.Template, "outTrackId": id, "callbackType": "STREAM", "cardData": map[string]any{"cardParamMap": params},
		"openSpaceId": "dtv1.card//IM_GROUP." + group, "imGroupOpenSpaceModel": map[string]any{"supportForward": true},
		"imGroupOpenDeliverModel": map[string]any{"robotCode": r.s.RobotCode}, "userIdType": 1}
}

func (r *rest) deliver(id, group string, params map[string]string) {
	r.t.Helper()
	r.must("POST", "/v1.0/card/instances/createAndDeliver", r.card(id, group, params))
}

// fetch downloads a file.
func fetch(t *testing.T, s *dingfake.Server, code string) string {
	t.Helper()
	r := connect(t, s)
	link := r.must("POST", "/v1.0/robot/messageFiles/download", map[string]any{"robotCode": s.RobotCode, "downloadCode": code})["downloadUrl"].(string)
	_, content := r.call("GET", link, nil)
	return content[""].(string)
}

func TestAGroupMessageIsSentReadAndRecalled(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	key := r.say(front, "安全事件 #1")
	if m := s.Expect(front, "安全事件"); m.Key != key || len(m.At) != 0 || m.Kind != "sampleText" {
		t.Errorf("said %+v", m)
	}
	query := map[string]any{"robotCode": s.RobotCode, "openConversationId": front, "processQueryKey": key, "maxResults": 1}
	if got := r.must("POST", "/v1.0/robot/groupMessages/query", query); fmt.Sprint(got["readUserIds"]) != "[]" {
		t.Errorf("unread: %v", got)
	}
	s.ReadSilently(zhang, key)
	s.ReadSilently(lihua, key)
	if got := r.must("POST", "/v1.0/robot/groupMessages/query", query); fmt.Sprint(got["readUserIds"]) != "[staff01]" || got["hasMore"] != false {
		t.Errorf("read by one with a userid: %v", got)
	}
	recall := map[string]any{"robotCode": s.RobotCode, "openConversationId": front, "processQueryKeys": []string{key, "never"}}
	got := r.must("POST", "/v1.0/robot/groupMessages/recall", recall)
	if fmt.Sprint(got["successResult"]) != "["+key+"]" || got["failedResult"].(map[string]any)["never"] == nil {
		t.Errorf("recalled: %v", got)
	}
	s.ExpectRecalled(key)
	if len(s.Posted(front)) != 0 {
		t.Errorf("still there: %v", s.Posted(front))
	}
}

func TestABatchReachesWhomItCan(t *testing.T) {
	s := organisation(t)
	s.Staff("staff02", "李工")
	s.Add(dingfake.User{ID: "staff03", Name: "王工", Hidden: true})
	r := connect(t, s)
	s.Fail("/v1.0/robot/oToMessages/batchSend", dingfake.FlowControlled("staff02").In("staff02"))
	got := r.must("POST", "/v1.0/robot/oToMessages/batchSend", r.batch("请接手", zhang, "staff02", "staff03", lihua, "nobody"))
	if fmt.Sprint(got["invalidStaffIdList"]) != "[staff03 lihua nobody]" || fmt.Sprint(got["flowControlledStaffIdList"]) != "[staff02]" {
		t.Errorf("a batch: %v", got)
	}
	m := s.Expect(s.Direct(zhang), "请接手")
	if len(s.Posted(s.Direct("staff02"))) != 0 {
		t.Error("a message that was held back arrived")
	}
	status := "/v1.0/robot/oToMessages/readStatus?robotCode=" + s.RobotCode + "&processQueryKey="
	escaped := strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(m.Key)
	s.ReadSilently(zhang, m.Key)
	if got := r.must("GET", status+escaped, nil); !strings.Contains(fmt.Sprint(got["messageReadInfoList"]), "readStatus:READ") {
		t.Errorf("read: %v", got)
	}
	r.refused("GET", status+m.Key, nil, 400, "invalid.processQueryKey") // not escaped
	if got := r.must("POST", "/v1.0/robot/otoMessages/batchRecall", map[string]any{"robotCode": s.RobotCode, "processQueryKeys": []string{m.Key}}); len(got["failedResult"].(map[string]any)) != 0 {
		t.Errorf("recalled: %v", got)
	}
	r.refused("POST", "/v1.0/robot/oToMessages/batchSend", r.batch("x", strings.Split(strings.Repeat("u,", 20)+"u", ",")...), 400, "invalidParameter.userIds.overMax")
}

func TestAfterADayNothingIsRecalled(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	key := r.say(front, "昨天")
	s.Skip(25 * 60 * 60 * 1e9)
	r.login()
	got := r.must("POST", "/v1.0/robot/groupMessages/recall", map[string]any{"robotCode": s.RobotCode, "openConversationId": front, "processQueryKeys": []string{key}})
	if len(got["successResult"].([]any)) != 0 || s.Message(key).Recalled {
		t.Errorf("recalled after a day: %v", got)
	}
	r.refused("POST", "/v1.0/robot/groupMessages/query", map[string]any{"robotCode": s.RobotCode, "openConversationId": front, "processQueryKey": key}, 400, "invalid.processQueryKey")
}

func TestWhatDingTalkRefuses(t *testing.T) {
	s := organisation(t)
	s.Group("cidOUT==", dingfake.WithoutRobot())
	s.Group("cidGONE==")
	s.Disband("cidGONE==")
	r := connect(t, s)
	send := "/v1.0/robot/groupMessages/send"
	with := func(change map[string]any) map[string]any {
		m := r.message(front, "x")
		maps.Copy(m, change)
		return m
	}
	r.refused("POST", send, with(map[string]any{"openConversationId": "cidNONE"}), 400, "invalid.openConversationId")
	r.refused("POST", send, with(map[string]any{"openConversationId": ""}), 400, "miss.openConversationId")
	r.refused("POST", send, with(map[string]any{"openConversationId": "cidOUT=="}), 400, "invalidParameter.robotCode.notExsit")
	r.refused("POST", send, with(map[string]any{"openConversationId": "cidGONE=="}), 400, "group.disbanded")
	r.refused("POST", send, with(map[string]any{"robotCode": "other"}), 400, "invalidParameter.robotCode.auth")
	r.refused("POST", send, with(map[string]any{"msgKey": "sampleActionCard1"}), 400, "invalidParameter.msgKey.invalid")
	r.refused("POST", send, with(map[string]any{"msgKey": "sampleMarkdown"}), 400, "invalidParameter.msgParam.invalid")
	r.refused("POST", send, with(map[string]any{"msgParam": "你好"}), 400, "invalidParameter.msgParam.invalid")
	r.refused("POST", send, with(map[string]any{"msgParam": text(strings.Repeat("长", 5000))}), 400, "invalidParameter.msgParam.tooLong")
	r.refused("POST", send, with(map[string]any{"msgParam": map[string]any{"content": "x"}}), 400, "invalidParameter.param.invalid")
	r.token = "old"
	r.refused("POST", send, with(nil), 400, "InvalidAuthentication")
	if len(s.Posted(front)) != 0 {
		t.Errorf("something was said: %v", s.Posted(front))
	}
	if c := s.Calls(send); len(c) != 11 || c[0].Code != "invalid.openConversationId" || c[0].Status != 400 {
		t.Errorf("%d calls, the first %+v", len(c), c[0])
	}
}

// A picture is uploaded to the old API, with the token in the address, and shown in
// markdown by its id.
func TestAPictureIsUploaded(t *testing.T) {
	s := dingfake.New(t)
	r := connect(t, s)
	upload := func(kind, field, name, content string) map[string]any {
		t.Helper()
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile(field, name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, content)
		form.Close()
		res, err := http.Post(s.URL()+"/media/upload?type="+kind+"&access_token="+r.token, form.FormDataContentType(), &body)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var answer map[string]any
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode != 200 {
			t.Fatalf("%d, %v", res.StatusCode, err)
		}
		return answer
	}
	for _, test := range []struct {
		kind, field, name, content string
		code                       float64
	}{{"voice", "media", "a.png", "PNG", 40004}, {"image", "file", "a.png", "PNG", 41005}, {"image", "media", "a.png", "", 41005}, {"image", "media", "a.svg", "PNG", 40005}} {
		if got := upload(test.kind, test.field, test.name, test.content); got["errcode"] != test.code {
			t.Errorf("%+v: %v", test, got)
		}
	}
	before := s.Spent()
	got := upload("image", "media", "a.png", "PNG")
	id, _ := got["media_id"].(string)
	if got["errcode"] != 0.0 || id == "" || s.Spent() != before+1 {
		t.Errorf("%v, it costs %d calls", got, s.Spent()-before)
	}
	shown := s.Pictures("one ![a](" + id + ")\n\nand ![](@lADnone) but [no](" + id + ")")
	if len(shown) != 2 || string(shown[0]) != "PNG" || shown[1] != nil {
		t.Errorf("it shows %q", shown)
	}
}

func TestTokensAge(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	first := r.token
	r.login()
	if r.token != first {
		t.Error("a token that lives is given again")
	}
	s.Skip(2 * 60 * 60 * 1e9)
	r.refused("POST", "/v1.0/robot/groupMessages/send", r.message(front, "x"), 400, "InvalidAuthentication")
	r.login()
	r.say(front, "x")
	s.RevokeToken()
	r.refused("POST", "/v1.0/robot/groupMessages/send", r.message(front, "x"), 400, "InvalidAuthentication")
}

func TestAButtonOfAMessageIsALink(t *testing.T) {
	s := organisation(t)
	r := connect(t, s)
	m := r.message(front, "")
	m["msgKey"] = "sampleActionCard2"
	m["msgParam"] = `{"title":"安全事件","text":"请选","actionTitle1":"接手","actionURL1":"https://a.example","actionTitle2":"转交","actionURL2":"https://b.example"}`
	r.must("POST", "/v1.0/robot/groupMessages/send", m)
	if got := s.Expect(front, "接手").Links; len(got) != 2 || got[1] != (dingfake.Link{Title: "转交", URL: "https://b.example"}) {
		t.Errorf("links %v", got)
	}
}

func TestASceneGroupIsFoundedOnce(t *testing.T) {
	s := organisation(t)
	s.Staff("staff02", "李工")
	r := connect(t, s)
	body := map[string]any{"title": "示例科技 应急", "template_id": s.GroupTemplate, "owner_user_id": zhang, "user_ids": []string{zhang}, "uuid": "acme"}
	cid := r.must("POST", "/v1.0/im/sceneGroup/create", body)["open_conversation_id"]
	if again := r.must("POST", "/v1.0/im/sceneGroup/create", body)["open_conversation_id"]; again != cid {
		t.Errorf("the same uuid founded %v and %v", cid, again)
	}
	r.must("POST", "/v1.0/im/sceneGroup/member/add", map[string]any{"open_conversation_id": cid, "user_ids": []string{"staff02"}})
	if got := s.Members(cid.(string)); fmt.Sprint(got) != "[staff01 staff02]" {
		t.Errorf("members %v", got)
	}
	if got := r.must("POST", "/v1.0/im/sceneGroups/query", map[string]any{"openConversationId": cid}); got["title"] != "示例科技 应急" {
		t.Errorf("asked: %v", got)
	}
	r.refused("POST", "/v1.0/im/sceneGroup/member/add", map[string]any{"open_conversation_id": cid, "user_ids": []string{lihua}}, 400, "parameter.invalid")
	r.say(cid.(string), "欢迎")

	old := "?access_token=" + r.token
	_, got := r.call("POST", "/topapi/im/chat/scenegroup/create"+old, map[string]any{"title": "旧", "template_id": s.GroupTemplate, "owner_user_id": zhang, "user_ids": "staff02", "uuid": "old"})
	if got["errcode"] != 0.0 || got["success"] != true {
		t.Errorf("the old call: %v", got)
	}
	if status, got := r.call("POST", "/topapi/im/chat/scenegroup/create"+old, map[string]any{"title": "旧", "template_id": "none", "owner_user_id": zhang}); status != 200 || got["errcode"] == 0.0 || got["success"] != false {
		t.Errorf("the old call says no inside a 200: %d %v", status, got)
	}
	if _, got := r.call("POST", "/topapi/v2/user/get"+old, map[string]any{"userid": zhang}); got["result"].(map[string]any)["name"] != "张工" {
		t.Errorf("who: %v", got)
	}
	if status, got := r.call("POST", "/topapi/v2/user/get?access_token=none", map[string]any{"userid": zhang}); status != 200 || got["errcode"] != 40014.0 {
		t.Errorf("an old token: %d %v", status, got)
	}
}
