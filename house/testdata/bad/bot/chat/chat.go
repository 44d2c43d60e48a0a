// Package chat is innocent.
package chat

// Never says why in the languages that people read.
type Never struct{ Why, Zh string }
