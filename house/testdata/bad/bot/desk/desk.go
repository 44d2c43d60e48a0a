// Package desk knows a room that it must not know.
package desk

import _ "butler/bot/chat"
