package dingtalk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"

	"butler/bot"
	"butler/bot/chat"
)

var _ bot.Founder = (*Platform)(nil)

// Paths of the OpenAPI for scene groups.
const (
	scenePath  = "/v1.0/im/sceneGroup/create"
	memberPath = "/v1.0/im/sceneGroup/member/add"
)

// maxGroupName is how long the name of a group may be, in characters.
const maxGroupName = 30

// Found makes a scene group of the template in the config, which has the robot in
// it, and brings people in. The first of the staff whom DingTalk takes is its
// owner. The uuid of the wish is made of its name: asked again, DingTalk returns
// the group that it made before.
//
// Never: there is no group template, nobody who could own the group, or the app lacks
// the permission; it says what an administrator can do. Missed names people of other organisations,
// whom no app can invite, and who else could not be brought in.
func (p *Platform) Found(ctx context.Context, f bot.Founding) (bot.Founded, error) {
	if p.o.GroupTemplate == "" {
		return bot.Founded{}, notEver(codeNobody, cause{"butler has no group_template for DingTalk: make the group by hand, add the robot to it, and write there @管家 绑定 with the customer's id",
			"没有配置钉钉的群模板 group_template：请手动建群，把机器人加进群，再在群里发送“@管家 绑定 客户id”"})
	}
	if err := p.afford(ctx, false); err != nil {
		return bot.Founded{}, err
	}
	var members []string
	var missed []bot.Missed
	for _, id := range slices.Concat(f.Staff, f.Guests) {
		if outside(id) {
			missed = append(missed, bot.Missed{Who: id, Why: "DingTalk gives people of other organisations no userid; invite them into the group by hand", Zh: "钉钉不提供其他组织人员的 userid，请手动邀请入群"})
			continue
		}
		if !slices.Contains(members, id) {
			members = append(members, id)
		}
	}
	id, owner, err := p.makeGroup(ctx, f, slices.DeleteFunc(slices.Clone(f.Staff), outside))
	if err != nil {
		return bot.Founded{}, unfounded(err)
	}
	members = slices.DeleteFunc(members, func(m string) bool { return m == owner })
	late, err := p.bringIn(ctx, id, members)
	if err != nil {
		return bot.Founded{}, unfounded(err)
	}
	missed = append(missed, late...)
	for _, address := range f.Emails {
		missed = append(missed, bot.Missed{Who: address, Why: "DingTalk invites nobody by e-mail; invite them into the group by hand", Zh: "钉钉不能通过邮箱邀请，请手动邀请入群"})
	}
	return bot.Founded{Room: chat.Room{Platform: p.Name(), ID: id}, Missed: missed}, nil
}

// makeGroup makes the group. An owner whom DingTalk does not take is followed by
// the next.
func (p *Platform) makeGroup(ctx context.Context, f bot.Founding, owners []string) (id, owner string, err error) {
	if len(owners) == 0 {
		return "", "", notEver(codeNobody, cause{"a group needs an owner, and nobody on duty has a DingTalk id; give one to somebody in people:, or make the group by hand and bind it",
			"建群需要群主，而值班人员都没有钉钉账号：请在配置的 people 里给其中一位填写 dingtalk，或手动建群再绑定"})
	}
	sum := sha256.Sum256([]byte(p.o.ClientID + "\x00" + f.Name))
	for _, owner = range owners {
		var out struct {
			ID string `json:"open_conversation_id"`
		}
		err = p.call(ctx, http.MethodPost, scenePath, map[string]any{
			"title": groupTitle(f), "template_id": p.o.GroupTemplate, "owner_user_id": owner,
			"user_ids": []string{owner}, "uuid": hex.EncodeToString(sum[:16])}, &out)
		switch {
		case err == nil && out.ID != "":
			return out.ID, owner, nil
		case err == nil:
			err = &failure{code: codeUnread, maybe: true, as: &chat.Later{Why: scenePath + ": the answer names no group"}}
		}
		if code := codeOf(err); code != "parameter.invalid" && code != "permession.checkFailed" {
			return "", "", err
		}
	}
	return "", "", err
}

// groupTitle names a group as people read it.
func groupTitle(f bot.Founding) string {
	tail := " · 专家群"
	if f.Front {
		tail = " · 安全管家"
	}
	return cutRunes(oneLine(f.Topic), maxGroupName-len([]rune(tail))) + tail
}

// bringIn adds people, all at once; when one of them cannot be added, one by one.
func (p *Platform) bringIn(ctx context.Context, group string, people []string) (missed []bot.Missed, err error) {
	if len(people) == 0 {
		return nil, nil
	}
	err = p.add(ctx, group, people)
	if err == nil || !hopeless(err) {
		return nil, err
	}
	if len(people) == 1 {
		return []bot.Missed{left(people[0], err)}, nil
	}
	for _, one := range people {
		switch err := p.add(ctx, group, []string{one}); {
		case err == nil:
		case hopeless(err):
			missed = append(missed, left(one, err))
		default:
			return nil, err
		}
	}
	return missed, nil
}

// left is somebody whom DingTalk will never let in: err is hopeless.
func left(who string, err error) bot.Missed {
	no := &chat.Never{}
	errors.As(err, &no)
	return bot.Missed{Who: who, Why: no.Why, Zh: no.Zh}
}

// unfounded is an error of the making of a group. A permission that lacks is told
// to who asked for the group, instead of trying until somebody opens it: Ready names
// it as well.
func unfounded(err error) error {
	var f *failure
	if errors.As(err, &f) && f.lacks != nil {
		return notEver(f.code, *f.lacks)
	}
	return err
}

func (p *Platform) add(ctx context.Context, group string, people []string) error {
	return p.call(ctx, http.MethodPost, memberPath, map[string]any{"open_conversation_id": group, "user_ids": people}, nil)
}
