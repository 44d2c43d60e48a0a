package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"butler/integrations/dingtalk"
)

// dingtalkTemplate prints the card template, so that setting up cards with buttons
// at DingTalk is one import.
func dingtalkTemplate(_ context.Context, a invocation) error {
	rest, err := a.flags("dingtalk-template", func(*flag.FlagSet) {})
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return errUsage{fmt.Sprintf("%q is too much; it takes no words", rest[0])}
	}
	_, err = io.WriteString(a.stdout, dingtalk.CardTemplate())
	return err
}
