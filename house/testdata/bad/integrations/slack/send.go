// Package slack says a second time what it is for.
package slack

import "time"

// Started may ask for the time: this room stands in the world.
var Started = time.Now()
