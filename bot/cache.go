package bot

import (
	"sync"

	"butler/bot/desk"
)

// cacheSize bounds the desks that a process remembers. A desk with an open case
// takes some kilobytes.
const cacheSize = 4096

// cache remembers the desks that this process committed last, so that the next
// input need not fetch them. It is only a guess about the store: the commit
// checks the version, and a guess that was wrong is dropped and the desk loaded.
// Desks are values that no rule writes to, so they may be shared.
type cache struct {
	mu   sync.Mutex
	desk map[string]remembered
}

type remembered struct {
	desk    desk.Desk
	version int
}

func (c *cache) get(customer string) (remembered, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.desk[customer]
	return r, ok
}

func (c *cache) put(customer string, d desk.Desk, version int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.desk == nil {
		c.desk = map[string]remembered{}
	}
	if len(c.desk) >= cacheSize {
		for other := range c.desk { // any: the map's order is as good as random
			delete(c.desk, other)
			break
		}
	}
	c.desk[customer] = remembered{d, version}
}

func (c *cache) drop(customer string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.desk, customer)
}
