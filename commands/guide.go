package commands

import (
	"slices"
	"strings"

	"butler/bot/desk"
)

// Help lists what somebody of that role may do in that room, in the order of
// the table: Label is the usage, Value says what it does.
func Help(role desk.Role, room desk.Room, lang string) []desk.Item {
	var items []desk.Item
	for _, c := range All {
		if c.offered(role, room) {
			items = append(items, c.item(lang))
		}
	}
	return items
}

// HelpFor explains one command, found by any of its words: its usage, its other
// words, who may use it, and examples. Nil when there is no such command.
func HelpFor(name, lang string) []desk.Item {
	c, ok := Lookup(name)
	if !ok {
		return nil
	}
	items := []desk.Item{c.item(lang)}
	shown := strings.Fields(c.Usage.In(lang))[0]
	var also []string
	for _, w := range c.words() {
		if "/"+w != shown {
			also = append(also, "/"+w)
		}
	}
	items = append(items,
		desk.Item{Label: Words{"也可写作", "Also written"}.In(lang), Value: strings.Join(also, Words{"、", ", "}.In(lang))},
		desk.Item{Label: Words{"谁可以用", "Who may use it"}.In(lang), Value: c.who().In(lang)})
	for _, e := range c.Examples {
		items = append(items, desk.Item{Label: Words{"例", "Example"}.In(lang), Value: e.In(lang)})
	}
	return items
}

// Complete lists the commands that begin with what was typed so far, with or
// without the slash or an umbrella word. Item.Command is what to put in its
// place. Once the command word is complete, its usage alone remains.
func Complete(typed string, role desk.Role, room desk.Room, lang string) []desk.Item {
	s, _ := cutSlash(skip(typed))
	s = skip(s)
	for _, u := range umbrella {
		if rest, ok := cutFold(s, u); ok && (rest == "" || blank(first(rest))) {
			s, _ = cutSlash(skip(rest))
			s = skip(s)
			break
		}
	}
	word, rest := cutRun(s, func(r rune) bool { return !blank(r) && r != '\n' })
	word = foldWord(word)
	var items []desk.Item
	for _, c := range All {
		if !c.offered(role, room) {
			continue
		}
		i := slices.IndexFunc(c.words(), func(w string) bool {
			if rest != "" {
				return w == word
			}
			return strings.HasPrefix(w, word)
		})
		if i < 0 {
			continue
		}
		it := c.item(lang)
		it.Command = "/" + c.words()[i] + " "
		if word == "" {
			it.Command = strings.Fields(it.Label)[0] + " "
		}
		items = append(items, it)
	}
	return items
}

// item is the line of help about the command.
func (c Command) item(lang string) desk.Item {
	return desk.Item{Label: c.Usage.In(lang), Value: c.About.In(lang)}
}

// offered reports whether help and completion show the command: when it is
// allowed there and meant for being typed.
func (c Command) offered(role desk.Role, room desk.Room) bool {
	if c.Hidden || c.Answers && role != desk.CustomerSide {
		return false
	}
	return desk.May(desk.Actor{Role: role}, room, c.Act) == ""
}

// who says in words what the table of permissions says, so that the two cannot
// differ.
func (c Command) who() Words {
	w := Words{"所有人", "Everybody"}
	if c.staffOnly() {
		w = Words{"服务团队", "The service team"}
	}
	if desk.May(desk.Actor{Role: desk.Manager}, desk.Front, c.Act) == desk.WhyNotHere {
		w.Zh += "，但不能在客户群里"
		w.En += ", but not in the customer's room"
	}
	return w
}
