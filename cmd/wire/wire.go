// Package wire turns a checked config into the parts of the bot. The wiring is
// straight on purpose: one function per part, read top-down.
package wire

import (
	"butler/bot"
	"butler/bot/chat"
	"butler/bot/desk"
	"butler/config"
)

// Directory is who is who and where, from the config. What a service does beyond the
// config it adds to the terms of each customer: to copies, for the config stays as
// it was read.
func Directory(c *config.Config, add ...func(*desk.Terms)) *bot.Directory {
	var staff []bot.Staff
	for _, p := range c.People {
		staff = append(staff, bot.Staff{
			Person: desk.Person{ID: p.ID, Name: p.Name, Role: p.Role, Language: p.Language},
			IDs:    p.IDs,
		})
	}
	terms := c.Terms()
	var homes []bot.Home
	for _, cu := range c.Customers {
		t := terms[cu.ID]
		if len(add) > 0 {
			own := *t
			for _, f := range add {
				f(&own)
			}
			t = &own
		}
		h := bot.Home{Terms: t, Front: room(cu.Front), Back: room(cu.Back), Contacts: map[string]string{}}
		for _, contact := range cu.Contacts {
			for platform, user := range contact.IDs {
				h.Contacts[platform+":"+user] = contact.ID
			}
		}
		homes = append(homes, h)
	}
	return bot.NewDirectory(homes, staff)
}

func room(a config.Address) chat.Room { return chat.Room{Platform: a.Platform, ID: a.ID} }
