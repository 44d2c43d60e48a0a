package commands

import (
	"strings"

	"butler/bot/desk"
)

var assign = Command{
	Name:  "assign",
	Zh:    []string{"指派", "转给", "指派给", "转派"},
	Act:   "assign",
	Usage: Words{"/指派 [编号] @某人", "/assign [N] @SOMEBODY"},
	About: Words{"请另一位同事接手。",
		"Ask a colleague to take the case."},
	Examples: []Words{
		{"/指派 12 @zhang", "/assign 12 @zhang"},
	},
	read: func(a *args) desk.Act {
		if why := a.one(); why != "" {
			return a.miss(why)
		}
		to, ok := a.person()
		if !ok {
			return a.miss(desk.WhyUnknownPerson)
		}
		if !a.typed { // /assign @zhang 12
			if why := a.one(); why != "" {
				return a.miss(why)
			}
		}
		return desk.Assign{Case: a.n, To: to}
	},
}

// person reads one of the staff: the longest run of words that names somebody,
// so that names with a space are found.
func (a *args) person() (id string, ok bool) {
	if a.People == nil {
		return "", false
	}
	rest := skip(a.rest)
	for _, to := range []string{"to ", "给"} {
		if after, ok := cutFold(rest, to); ok {
			rest = skip(after)
			break
		}
	}
	line, _, _ := strings.Cut(rest, "\n")
	for end := len(line); end > 0; {
		name := strings.TrimRightFunc(line[:end], func(r rune) bool { return blank(r) || closer(r) })
		for _, form := range forms(name) {
			if id, ok := a.People(form); ok {
				a.rest = dropSeparators(rest[len(name):])
				return id, true
			}
		}
		end = strings.LastIndexFunc(name, func(r rune) bool { return blank(r) || separator(r) })
	}
	return "", false
}

// forms are the ways to read a name: as typed, without its @, and for a mention
// as Slack writes it (<@U01|zhang>) the id and the name inside.
func forms(name string) []string {
	if name == "" {
		return nil
	}
	all := []string{name}
	if inner, ok := strings.CutPrefix(name, "<@"); ok {
		inner = strings.TrimSuffix(inner, ">")
		id, label, _ := strings.Cut(inner, "|")
		for _, f := range []string{id, label} {
			if f != "" {
				all = append(all, f)
			}
		}
		return all
	}
	if bare, ok := cutFold(name, "@"); ok && bare != "" {
		all = append(all, bare)
	}
	if narrow := foldWidth(all[len(all)-1]); narrow != all[len(all)-1] {
		all = append(all, narrow)
	}
	return all
}
