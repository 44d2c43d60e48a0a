package bot

import (
	"errors"
	"fmt"

	"butler/bot/chat"
	"butler/bot/desk"
)

// Why a notice is not told where it is the bot itself that knows.

var newerAnswer = desk.Because("a newer answer was told since", "之后已经发出了更新的答复")

func noPlatform(name string) desk.Reason {
	return desk.Because(fmt.Sprintf("no platform is called %q; put it into the config", name), fmt.Sprintf("没有接入名为 %q 的平台，请检查配置", name))
}

func noRecall(platform string) desk.Reason {
	return desk.Because(platform+" cannot take messages back", "平台 "+platform+" 不支持撤回消息")
}

func silent(platform string) desk.Reason {
	return desk.Because(platform+" does not answer", "平台 "+platform+" 一直没有应答")
}

func noRooms(platform string, n desk.Notice) desk.Reason {
	bind := fmt.Sprintf("/bind %s %s", n.Customer, n.Room)
	return desk.Because(fmt.Sprintf("butler cannot make rooms on %s: make one there, invite Butler, and bind it with %s", platform, bind),
		fmt.Sprintf("管家不能在平台 %s 上建群：请自己建群，邀请管家入群，再在群里发送 %s", platform, bind))
}

func roomOf(customer string, room chat.Room, n desk.Notice) desk.Reason {
	bind := fmt.Sprintf("/bind %s %s", n.Customer, n.Room)
	return desk.Because(fmt.Sprintf("%s is %s's already: make a room by hand, and bind it with %s", room, customer, bind),
		fmt.Sprintf("%s 已经是客户 %s 的群：请自己建群，再在群里发送 %s", room, customer, bind))
}

func noID(person, platform string) unsendable {
	return unsendable(desk.Because(fmt.Sprintf("%s has no %s id in the config", person, platform), fmt.Sprintf("配置中没有 %s 的 %s 账号", person, platform)))
}

// unsendable is the error of a notice that has nowhere to go.
type unsendable desk.Reason

func (u unsendable) Error() string { return string(desk.Reason(u).In("en")) }

// reasonOf is an error of the bot's own for people: one without words for them is
// a fault of the bot, and stands there as in the log.
func reasonOf(err error) desk.Reason {
	var u unsendable
	if errors.As(err, &u) {
		return desk.Reason(u)
	}
	return desk.Because(err.Error(), "管家没能写出这条消息，请告知运维人员："+err.Error())
}

// leftOut are those whom a platform could not bring into a room.
func leftOut(missed []Missed) []desk.Reason {
	var out []desk.Reason
	for _, m := range missed {
		out = append(out, desk.Because(m.Why, m.Zh).About(m.Who))
	}
	return out
}
