package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"butler/integrations/slack"
)

// slackManifest prints the app manifest, so that setting up the app at Slack is
// one paste.
func slackManifest(_ context.Context, a invocation) error {
	rest, err := a.flags("slack-manifest", func(*flag.FlagSet) {})
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return errUsage{fmt.Sprintf("%q is too much; it takes no words", rest[0])}
	}
	_, err = io.WriteString(a.stdout, slack.Manifest())
	return err
}
