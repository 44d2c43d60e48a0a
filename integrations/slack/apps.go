package slack

import (
	"encoding/json"
	"strings"
)

// maxShown bounds what is read of the decoration of another app's message, in
// characters: as much as a section of Block Kit holds.
const maxShown = 3000

// shown is what a person reads in the message of an app that has no text of its
// own: the headers and sections of its blocks, the titles and texts of its
// attachments. What cannot be read is left out.
func (m message) shown(me self) string {
	var lines []string
	blocks := func(raw json.RawMessage) {
		for _, b := range readable[shownBlock](raw) {
			if b.Type == "header" || b.Type == "section" {
				lines = append(lines, b.Text.is.Text)
				for _, f := range b.Fields.is {
					lines = append(lines, f.Text)
				}
			}
		}
	}
	blocks(m.Blocks)
	for _, a := range readable[shownAttachment](m.Attachments) {
		before := len(lines)
		lines = append(lines, a.Title, a.Text)
		blocks(a.Blocks)
		if strings.Join(lines[before:], "") == "" {
			lines = append(lines, a.Fallback)
		}
	}
	var read []string
	for _, l := range lines {
		if text, _ := words(l, me); text != "" {
			read = append(read, text)
		}
	}
	return cut(strings.Join(read, "\n"), maxShown)
}

// shownText is the text of a block, whatever else stands beside it.
type shownText struct{ Text string }

// shownBlock is what is read of a block of Block Kit.
type shownBlock struct {
	Type   string
	Text   loose[shownText]
	Fields loose[[]shownText]
}

// shownAttachment is what is read of an attachment, the older decoration.
type shownAttachment struct {
	Fallback, Title, Text string
	Blocks                json.RawMessage
}

// readable reads those elements of a list that can be read.
func readable[T any](raw json.RawMessage) (all []T) {
	var each []json.RawMessage
	if json.Unmarshal(raw, &each) != nil {
		return nil
	}
	for _, one := range each {
		var v T
		if json.Unmarshal(one, &v) == nil {
			all = append(all, v)
		}
	}
	return all
}
