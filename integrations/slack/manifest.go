package slack

import _ "embed"

//go:embed manifest.yaml
var manifest string

// Manifest is the app manifest, in YAML: pasted once at Slack it makes the app
// with every scope, event, command and shortcut that this package uses.
func Manifest() string { return manifest }
