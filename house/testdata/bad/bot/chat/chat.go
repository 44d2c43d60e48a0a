// Package chat is innocent.
package chat
