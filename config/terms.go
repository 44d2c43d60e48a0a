package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"butler/bot/desk"
)

// shareBacks marks the customers whose back room serves others too.
func (c *Config) shareBacks() {
	served := map[Address]int{}
	for _, cu := range c.Customers {
		served[cu.Back]++
	}
	for _, cu := range c.Customers {
		c.terms[cu.ID].SharedBack = cu.Back.ID != "" && served[cu.Back] > 1
	}
}

// warnUnreachable says who would be asked on the ladder of a customer but has no
// id on the platform of its back room, once for each person and platform.
func (r *reader) warnUnreachable(f raw, c *Config) {
	told := map[string]bool{}
	for i, cu := range c.Customers {
		t := c.terms[cu.ID]
		asked := slices.Concat(t.Duty.Primary, t.Duty.Backup, t.Duty.Manager)
		if t.TAM != "" {
			asked = append(asked, t.TAM)
		}
		for _, id := range asked {
			p, ok := t.Person(id)
			key := id + " " + cu.Back.Platform
			if !ok || p.Reachable || told[key] || f.customers[i].back.loose {
				continue
			}
			told[key] = true
			c.warn(r, f.personAt(id), "%s has no %s id, but is asked in %s of customer %s: nobody can reach them there; add %s: ID",
				id, cu.Back.Platform, cu.Back, cu.ID, cu.Back.Platform)
		}
	}
}

func (f raw) personAt(id string) pos {
	for _, p := range f.people {
		if p.id.text == id {
			return p.at
		}
	}
	return f.at
}

// noAccount says, for the people in a back room, why somebody is not reached.
func noAccount(platform string) desk.Reason {
	zh := map[string]string{"slack": "Slack", "dingtalk": "钉钉", "sandbox": "沙箱"}
	en := map[string]string{"slack": "Slack", "dingtalk": "DingTalk", "sandbox": "sandbox"}
	return desk.Because(fmt.Sprintf("no %s account in the config", cmp.Or(en[platform], platform)),
		fmt.Sprintf("配置中没有%s账号", spaced(cmp.Or(zh[platform], platform))))
}

// spaced puts a space around a Latin word that stands among Chinese ones.
func spaced(s string) string {
	if s != "" && s[0] < 0x80 {
		return " " + s + " "
	}
	return s
}

// revision is a short hash of everything that matters to one customer: terms,
// rooms and accounts. It is the same for the same config, on any machine.
func (c *Config) revision(cu Customer) string {
	t := c.terms[cu.ID]
	plain := *t
	plain.Zone, plain.Calendar, plain.Rev = nil, nil, ""
	plain.Duty.Zone = nil
	dutyZone := ""
	if t.Duty.Zone != nil {
		dutyZone = t.Duty.Zone.String()
	}
	b, err := json.Marshal(struct {
		Customer       Customer
		People         []Person
		Terms          desk.Terms
		Zone, DutyZone string
		Calendar       string
	}{cu, c.People, plain, t.Zone.String(), dutyZone, t.Calendar.String()})
	if err != nil {
		panic(err) // only plain values are in it
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}
