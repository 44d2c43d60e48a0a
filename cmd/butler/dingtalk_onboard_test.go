package main

import (
	"slices"
	"strings"
	"testing"

	"butler/integrations/dingtalk/dingfake"
)

// dingNewcomer is a customer for whom there are no groups yet.
const dingNewcomer = `  - {id: nova, name: 新星科技, edition: enterprise, front: dingtalk, back: dingtalk, tam: chen, contacts: [{id: hong, name: 小红, dingtalk: staff09}]}
`

// foundGroups are the groups that the fake made, by the wish of the bot.
func foundGroups(s *dingfake.Server, rooms string) (ids []string) {
	for _, word := range strings.FieldsFunc(rooms, func(r rune) bool { return r == '\n' || r == ' ' || r == '：' }) {
		if id, ok := strings.CutPrefix(word, "dingtalk:"); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// A manager has the groups of a new customer made from a template, with the right
// people in each; what the customer says there is heard, also after a kill.
func TestGroupsAreMadeOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	h := dingHouse{dingtalk: s, founds: true, customers: dingNewcomer}
	dir := t.TempDir()
	p := beginDingTalk(t, dir, h)

	// Not by anybody's word.
	s.Say(s.Direct(dingZhang), dingZhang, "/onboard nova").Acked()
	s.Expect(s.Direct(dingZhang), "权限")
	if n := len(s.Calls("/v1.0/im/sceneGroup/create")); n != 0 {
		t.Errorf("an expert had %d groups made", n)
	}

	s.Say(s.Direct(dingChen), dingChen, "/onboard nova wu@nova.example").Acked()
	s.Expect(s.Direct(dingChen), "正在建群")
	s.Expect(s.Direct(dingChen), "未能邀请", "wu@nova.example") // DingTalk invites nobody by e-mail
	made := s.Expect(s.Direct(dingChen), "群已建好", "客户群：dingtalk:", "专家群：dingtalk:")
	groups := foundGroups(s, made.Text)
	if len(groups) != 2 {
		t.Fatalf("the answer names the groups %v:\n%s", groups, made.Words())
	}
	front, back := groups[0], groups[1]
	for _, who := range []string{dingZhang, dingChen} {
		if !slices.Contains(s.Members(front), who) || !slices.Contains(s.Members(back), who) {
			t.Errorf("%s is missing: %v, %v", who, s.Members(front), s.Members(back))
		}
	}
	if !slices.Contains(s.Members(front), dingHong) || slices.Contains(s.Members(back), dingHong) {
		t.Errorf("the contact belongs into the front alone: %v, %v", s.Members(front), s.Members(back))
	}
	s.Expect(front, "欢迎使用安全管家", "新星科技", "@")
	s.Expect(back, "#1", "首次沟通")

	s.Say(front, dingHong, toManager("数据库主机出现勒索提示，文件被加密")).Acked()
	s.Expect(front, "#2", "已受理")
	ping := s.ExpectAt(back, dingZhang, "请接手", "#2")
	press(t, s, dingZhang, ping.Card, "接手", "").Acked()
	s.Expect(front, "张工 已接手")
	p.kill()
	p = beginDingTalk(t, dir, h)
	s.Say(front, dingHong, dingReport("second")).Acked()
	s.Expect(front, "#3", "second")
	s.ExpectAt(back, dingZhang, "请接手", "second")

	s.Say(s.Direct(dingChen), dingChen, "/onboard nova").Acked()
	s.Expect(s.Direct(dingChen), "首次沟通已经开始过")
	s.Settled()
	if n := len(s.Calls("/v1.0/im/sceneGroup/create")); n != 2 {
		t.Errorf("%d groups were made", n)
	}
	p.well(s, "勒索", "wu@nova.example")
}

// Without the permission to make groups the manager is told which it is and what to
// do, once; opened, the same command makes them.
func TestGroupsNeedAPermissionOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	denied := s.Fail("/v1.0/im/sceneGroup/create", dingfake.PermissionDenied("qyapi_chat_manage").Always())
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s, founds: true, customers: dingNewcomer})
	s.Say(s.Direct(dingChen), dingChen, "/onboard nova").Acked()
	s.Expect(s.Direct(dingChen), "正在建群")
	for _, room := range []string{"客户群没有建成", "专家群没有建成"} {
		s.Expect(s.Direct(dingChen), room, "应用缺少权限 qyapi_chat_manage", "开发者后台", "权限管理", "/onboard")
	}
	s.Settled()
	if n := len(s.Calls("/v1.0/im/sceneGroup/create")); n != 2 {
		t.Errorf("%d calls for two groups: it goes on trying", n)
	}
	denied.Lift()
	s.Say(s.Direct(dingChen), dingChen, "/onboard nova").Acked()
	s.Expect(s.Direct(dingChen), "群已建好", "客户群：dingtalk:", "专家群：dingtalk:")
	p.well(s)
}

// Without a template for groups the answer says how a group is bound that somebody
// made by hand, and binding it works.
func TestGroupsAreBoundOnDingTalk(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	p := beginDingTalk(t, t.TempDir(), dingHouse{dingtalk: s, customers: dingNewcomer})
	s.Say(s.Direct(dingChen), dingChen, "/onboard nova").Acked()
	s.Expect(s.Direct(dingChen), "绑定", "group_template")

	// By an administrator or a manager, in the group itself.
	s.Say(dingFront, dingLihua, toManager("绑定 nova 客户群")).Acked()
	s.Say(dingFront, dingHong, dingReport("too-soon")).Acked()
	s.ExpectNone(dingFront, 0, "已受理")
	s.Say(dingFront, dingChen, toManager("绑定 nova 客户群")).Acked()
	s.Expect(s.Direct(dingChen), "群已绑定", "dingtalk:"+dingFront)
	s.Say(dingBack, dingChen, toManager("绑定 nova 专家群")).Acked()
	s.Expect(s.Direct(dingChen), "群已绑定", "dingtalk:"+dingBack)
	s.Say(s.Direct(dingChen), dingChen, "／入驻　nova").Acked()
	s.Expect(dingFront, "欢迎使用安全管家")
	s.Expect(dingBack, "#1", "首次沟通")

	s.Say(dingFront, dingLihua, dingReport("bound")).Acked()
	s.Expect(dingFront, "#2", "bound")
	s.ExpectAt(dingBack, dingZhang, "请接手", "bound")
	p.well(s)
}
