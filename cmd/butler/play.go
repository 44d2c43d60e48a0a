package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"butler/bot/bottest"
	"butler/cmd/wire"
	"butler/config"
)

// play runs plays. In text each is compared with its own lines, or rewritten
// with -update; with -json everything told is printed, one object a line.
func play(ctx context.Context, a invocation) error {
	var path string
	var asJSON, update bool
	files, err := a.flags("play", func(fs *flag.FlagSet) {
		fs.StringVar(&path, "c", "", "the config; without it the sample of butler demo")
		fs.BoolVar(&asJSON, "json", false, "print every told notice as one object a line")
		fs.BoolVar(&update, "update", false, "write the bot's lines into the plays")
	})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errUsage{"it needs at least one play"}
	}
	c, err := playConfig(a, path)
	if err != nil {
		return err
	}
	var plays []*bottest.Play
	bad := false
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			fmt.Fprintln(a.stderr, err)
			bad = true
			continue
		}
		p, err := bottest.ParsePlay(f, string(b))
		if err != nil {
			fmt.Fprintln(a.stderr, err)
			bad = true
			continue
		}
		plays = append(plays, p)
	}
	if bad {
		return errSilent
	}
	for _, p := range plays {
		o := bottest.WorldOptions{Directory: wire.Directory(c)}
		if asJSON {
			if err := p.JSON(ctx, o, a.stdout); err != nil {
				// Nothing is compared, but a step that could not be played is said.
				fmt.Fprintln(a.stderr, err)
			}
			continue
		}
		text, diff, err := p.Script(ctx, o)
		switch {
		case err != nil:
			fmt.Fprintln(a.stderr, err)
			bad = true
		case update:
			if err := os.WriteFile(p.Name, []byte(text), 0o644); err != nil {
				return err
			}
		case len(diff) > 0:
			for _, d := range diff {
				fmt.Fprintln(a.stdout, d)
			}
			bad = true
		}
	}
	if bad {
		return errSilent
	}
	return nil
}

// playConfig loads what a play needs; no secrets, no network.
func playConfig(a invocation, path string) (*config.Config, error) {
	if path == "" {
		return config.Sample(), nil
	}
	return config.Load(path, config.Options{Env: a.env, Play: true})
}
