// Package bot leans on a third party.
package bot

import (
	_ "butler/bot/desk"
	_ "example.com/queue"
)
