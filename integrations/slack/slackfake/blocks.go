package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of Block Kit, in characters and in pieces. Source: docs.slack.dev,
// reference of blocks, block elements and views.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxText          = 40000
	maxPrivate       = 3000
)

// textLimits are the longest texts by the place they stand in.
var textLimits = map[string]int{
	"section.text": 3000, "section.fields": 2000, "header.text": 150, "context.elements": 3000,
	"button.text": 75, "input.label": 2000, "input.hint": 2000, "option.text": 75, "option.description": 75,
	"placeholder": 150, "confirm.title": 100, "confirm.text": 300, "confirm.confirm": 30, "confirm.deny": 30,
	"modal.title": 24, "modal.submit": 24, "modal.close": 24,
}

// blockTypes are the blocks that Slack takes in messages and views today.
var blockTypes = []string{"actions", "alert", "card", "carousel", "call", "context", "context_actions", "container", "divider", "file", "header", "image",
	"input", "markdown", "plan", "rich_text", "section", "table", "task_card", "video"}

// checkBlocks lists what Slack would refuse in blocks.
func checkBlocks(source string, most int) []string {
	if strings.TrimSpace(source) == "" || source == "null" {
		return nil
	}
	var blocks []map[string]any
	if err := json.Unmarshal([]byte(source), &blocks); err != nil {
		return []string{"[ERROR] must be a valid array of objects: " + err.Error()}
	}
	k := &checker{}
	k.blocks(blocks, most, "/blocks")
	return k.found
}

// checkView lists what Slack would refuse in a view.
func checkView(source, kind string) []string {
	var v map[string]any
	if err := json.Unmarshal([]byte(source), &v); err != nil {
		return []string{"[ERROR] the view is not an object: " + err.Error()}
	}
	k := &checker{}
	if v["type"] != kind {
		k.say("/type", "%v, and %s is due", v["type"], kind)
	}
	if kind == "modal" {
		k.text(v["title"], "modal.title", "/title", "plain_text", true)
		k.text(v["submit"], "modal.submit", "/submit", "plain_text", false)
		k.text(v["close"], "modal.close", "/close", "plain_text", false)
	}
	if s, _ := v["private_metadata"].(string); utf8.RuneCountInString(s) > maxPrivate {
		k.say("/private_metadata", "more than %d characters", maxPrivate)
	}
	if s, _ := v["callback_id"].(string); utf8.RuneCountInString(s) > 255 {
		k.say("/callback_id", "more than 255 characters")
	}
	var blocks []map[string]any
	list, _ := v["blocks"].([]any)
	for _, b := range list {
		o, _ := b.(map[string]any)
		blocks = append(blocks, o)
	}
	if list == nil {
		k.say("/blocks", "missing")
	}
	k.blocks(blocks, maxViewBlocks, "/blocks")
	input := slices.ContainsFunc(blocks, func(b map[string]any) bool { return b["type"] == "input" })
	if kind == "modal" && input && v["submit"] == nil {
		k.say("/submit", "a modal with input blocks needs it")
	}
	return k.found
}

// checker collects what is wrong, each with its place.
type checker struct {
	found []string
}

func (k *checker) say(at, format string, args ...any) {
	k.found = append(k.found, "[ERROR] "+fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
}

func (k *checker) blocks(blocks []map[string]any, most int, at string) {
	if len(blocks) > most {
		k.say(at, "no more than %d items allowed, these are %d", most, len(blocks))
	}
	ids := map[string]bool{}
	for i, b := range blocks {
		at := fmt.Sprintf("%s/%d", at, i)
		kind, _ := b["type"].(string)
		if !slices.Contains(blockTypes, kind) {
			k.say(at+"/type", "unsupported type: %q", kind)
			continue
		}
		if id, _ := b["block_id"].(string); id != "" {
			if ids[id] {
				k.say(at+"/block_id", "`block_id` %q already exists", id)
			}
			if ids[id] = true; utf8.RuneCountInString(id) > 255 {
				k.say(at+"/block_id", "more than 255 characters")
			}
		}
		k.block(kind, b, at)
	}
}

func (k *checker) block(kind string, b map[string]any, at string) {
	switch kind {
	case "section":
		fields, _ := b["fields"].([]any)
		if b["text"] == nil && len(fields) == 0 {
			k.say(at, "a section needs text or fields")
		}
		k.text(b["text"], "section.text", at+"/text", "", false)
		if len(fields) > 10 {
			k.say(at+"/fields", "no more than 10 items allowed")
		}
		for i, f := range fields {
			k.text(f, "section.fields", fmt.Sprintf("%s/fields/%d", at, i), "", true)
		}
		if b["accessory"] != nil {
			k.element(b["accessory"], at+"/accessory")
		}
	case "header":
		k.text(b["text"], "header.text", at+"/text", "plain_text", true)
	case "context":
		list, _ := b["elements"].([]any)
		if len(list) == 0 || len(list) > 10 {
			k.say(at+"/elements", "1 to 10 items are due, these are %d", len(list))
		}
		for i, e := range list {
			if o, _ := e.(map[string]any); o["type"] != "image" {
				k.text(e, "context.elements", fmt.Sprintf("%s/elements/%d", at, i), "", true)
			}
		}
	case "actions":
		list, _ := b["elements"].([]any)
		if len(list) == 0 || len(list) > 25 {
			k.say(at+"/elements", "1 to 25 items are due, these are %d", len(list))
		}
		seen := map[string]bool{}
		for i, e := range list {
			at := fmt.Sprintf("%s/elements/%d", at, i)
			k.element(e, at)
			if o, _ := e.(map[string]any); o != nil {
				id, _ := o["action_id"].(string)
				if id != "" && seen[id] {
					k.say(at+"/action_id", "`action_id` %q already exists", id)
				}
				seen[id] = true
			}
		}
	case "input":
		k.text(b["label"], "input.label", at+"/label", "plain_text", true)
		k.text(b["hint"], "input.hint", at+"/hint", "plain_text", false)
		k.element(b["element"], at+"/element")
	case "image":
		if alt, _ := b["alt_text"].(string); alt == "" {
			k.say(at+"/alt_text", "missing")
		}
	}
}

// text checks a text object by the limit of its place.
func (k *checker) text(v any, place, at, kind string, due bool) {
	if v == nil {
		if due {
			k.say(at, "missing")
		}
		return
	}
	o, _ := v.(map[string]any)
	text, ok := o["text"].(string)
	switch {
	case o == nil || !ok:
		k.say(at, "must be a text object")
		return
	case kind != "" && o["type"] != kind:
		k.say(at+"/type", "%v, and %s is due", o["type"], kind)
	case o["type"] != "plain_text" && o["type"] != "mrkdwn":
		k.say(at+"/type", "unsupported type: %v", o["type"])
	case o["type"] == "mrkdwn" && o["emoji"] != nil:
		k.say(at+"/emoji", "mrkdwn has no emoji")
	}
	n := utf8.RuneCountInString(text)
	if n == 0 {
		k.say(at+"/text", "must be more than 0 characters")
	}
	if most := textLimits[place]; n > most {
		k.say(at+"/text", "must be less than %d characters, these are %d", most+1, n)
	}
}

// element checks an interactive element.
func (k *checker) element(v any, at string) {
	o, _ := v.(map[string]any)
	if o == nil {
		k.say(at, "must be an element")
		return
	}
	if id, _ := o["action_id"].(string); utf8.RuneCountInString(id) > 255 {
		k.say(at+"/action_id", "more than 255 characters")
	}
	switch o["type"] {
	case "button":
		k.text(o["text"], "button.text", at+"/text", "plain_text", true)
		if s, _ := o["value"].(string); utf8.RuneCountInString(s) > 2000 {
			k.say(at+"/value", "more than 2000 characters")
		}
		if s, _ := o["url"].(string); utf8.RuneCountInString(s) > 3000 {
			k.say(at+"/url", "more than 3000 characters")
		}
		if s, ok := o["style"].(string); ok && s != "primary" && s != "danger" {
			k.say(at+"/style", "unsupported: %q", s)
		}
	case "static_select", "multi_static_select", "overflow", "radio_buttons", "checkboxes":
		most := map[any]int{"overflow": 5, "radio_buttons": 10, "checkboxes": 10}[o["type"]]
		if most == 0 {
			most = 100
		}
		options, _ := o["options"].([]any)
		if groups, _ := o["option_groups"].([]any); len(groups) > 0 {
			break
		}
		if len(options) == 0 || len(options) > most {
			k.say(at+"/options", "1 to %d items are due, these are %d", most, len(options))
		}
		for i, each := range options {
			at := fmt.Sprintf("%s/options/%d", at, i)
			option, _ := each.(map[string]any)
			k.text(option["text"], "option.text", at+"/text", "", true)
			if s, _ := option["value"].(string); s == "" || utf8.RuneCountInString(s) > 150 {
				k.say(at+"/value", "1 to 150 characters are due")
			}
		}
		k.text(o["placeholder"], "placeholder", at+"/placeholder", "plain_text", false)
	case "plain_text_input":
		if most, ok := o["max_length"].(float64); ok && (most < 1 || most > 3000) {
			k.say(at+"/max_length", "1 to 3000 is due")
		}
		k.text(o["placeholder"], "placeholder", at+"/placeholder", "plain_text", false)
	case nil, "":
		k.say(at+"/type", "missing")
	}
	if confirm, _ := o["confirm"].(map[string]any); confirm != nil {
		for _, part := range []string{"title", "text", "confirm"} {
			k.text(confirm[part], "confirm."+part, at+"/confirm/"+part, "", true)
		}
		k.text(confirm["deny"], "confirm.deny", at+"/confirm/deny", "", false)
	}
}

// walk visits every object of some JSON, from top to bottom, as it is written.
func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			walk(e, visit)
		}
	case map[string]any:
		visit(v)
		for _, key := range []string{"title", "text", "fields", "blocks", "label", "element", "elements", "accessory", "options", "option_groups", "hint", "rows", "submit", "close"} {
			walk(v[key], visit)
		}
	}
}

// words is every text in some blocks, a line each.
func words(source json.RawMessage) string {
	var v any
	if len(source) == 0 || json.Unmarshal(source, &v) != nil {
		return ""
	}
	var lines []string
	walk(v, func(o map[string]any) {
		for _, key := range []string{"text", "fallback", "alt_text", "title", "initial_value"} {
			if s, ok := o[key].(string); ok && s != "" {
				lines = append(lines, s)
			}
		}
	})
	return strings.Join(lines, "\n")
}

// elements lists what can be pressed or chosen, each with the block it stands in
// under the key of the fake's own, "in block".
func elements(source json.RawMessage) []map[string]any {
	var v any
	if len(source) == 0 || json.Unmarshal(source, &v) != nil {
		return nil
	}
	var found []map[string]any
	block := ""
	walk(v, func(o map[string]any) {
		kind, _ := o["type"].(string)
		if slices.Contains(blockTypes, kind) {
			block, _ = o["block_id"].(string)
		}
		if id, ok := o["action_id"].(string); ok && id != "" || kind == "button" {
			o["in block"] = block
			found = append(found, o)
		}
	})
	return found
}
