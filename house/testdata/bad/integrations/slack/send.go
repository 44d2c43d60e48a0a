// Package slack says a second time what it is for.
package slack

import (
	"time"

	"butler/bot/chat"
)

// Started may ask for the time: this room stands in the world.
var Started = time.Now()

// Gone says why in English alone.
var Gone = chat.Never{Why: "the room is gone"}

var left = chat.Never{Why: "they left", Zh: "left"}
