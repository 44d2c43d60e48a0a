package desk

import (
	"fmt"
	"strings"
)

// Reason is why something could not be done, in the languages that people read:
// its first line is English, which the logs have too, its second line Chinese. A
// reason of one line is read by everybody: so are those that were stored before
// there were two, and what a platform said in words of its own.
type Reason string

// Because is a reason in English and in Chinese; zh is "" where there is none.
func Because(en, zh string) Reason {
	if zh == "" {
		return Reason(flat(en))
	}
	return Reason(flat(en) + "\n" + flat(zh))
}

// In is the line that somebody reads who has a language.
func (r Reason) In(lang string) Internal {
	en, zh, both := strings.Cut(string(r), "\n")
	if both && lang != "en" {
		return Internal(zh)
	}
	return Internal(en)
}

// About is the reason with whom or what it is about before it.
func (r Reason) About(who string) Reason {
	en, zh, both := strings.Cut(string(r), "\n")
	if !both {
		return Because(who+": "+en, "")
	}
	return Because(who+": "+en, who+"："+zh)
}

// At is the reason with the room it is about before it.
func (r Reason) At(room Room) Reason {
	return Because(fmt.Sprintf("%s: %s", room, r.In("en")), fmt.Sprintf("%s：%s", roomZh[room], r.In("zh-CN")))
}

// roomZh are the rooms in Chinese; in English their ids are words.
var roomZh = map[Room]string{Front: "客户群", Back: "专家群", Direct: "单聊"}

// readIn words reasons for one reader.
func readIn(all []Reason, lang string) []Internal {
	var out []Internal
	for _, r := range all {
		out = append(out, r.In(lang))
	}
	return out
}

// Why somebody of the staff is not told, and where a platform said nothing.
var (
	gaveBack    = Because("gave it back (/unclaim)", "已退回这件事（/unclaim）")
	notInPeople = Because("not in people of the config", "配置的 people 里没有这个人")
	noAccount   = Because("no account on the platform of the back room", "没有专家群所在平台的账号")
	noTaker     = Because("nobody else to take it", "没有其他人可以接手")
)

// cutTo is what became of a text that was too long, in characters.
func cutTo(had, kept int) Reason {
	return Because(fmt.Sprintf("%d characters, %d kept", had, kept), fmt.Sprintf("原文 %d 字，保留前 %d 字", had, kept))
}

// uncovered is a year for which there is no calendar of working days.
func uncovered(year string) Reason {
	return Because("the working-day calendar does not cover "+year+": weekends only were counted", "工作日历没有 "+year+" 年的数据，只按周末计算了休息日")
}

// noAdvice is a model that gave none; said is why, as the log has it.
func noAdvice(said string) Reason {
	return Because("("+said+")", "（智能顾问没有给出建议："+said+"）")
}

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }
