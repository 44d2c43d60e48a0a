package main

import (
	"context"
	"flag"
	"fmt"

	"butler/config"
)

// check prints every mistake of a config, one per line, and starts nothing.
func check(_ context.Context, a invocation) error {
	c, err := load(a, "check")
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: well (customers: %d, people: %d)\n", c.Path, len(c.Customers), len(c.People))
	return nil
}

// load reads the config that -c of a subcommand names and prints its warnings.
// The error is all its mistakes.
func load(a invocation, name string) (*config.Config, error) {
	var path string
	rest, err := a.flags(name, func(fs *flag.FlagSet) { fs.StringVar(&path, "c", "", "the config") })
	if err != nil {
		return nil, err
	}
	if path == "" || len(rest) > 0 {
		return nil, errUsage{"it needs one config: -c butler.yaml"}
	}
	c, err := config.Load(path, config.Options{Env: a.env})
	if err != nil {
		return nil, err
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(a.stderr, "%s (warning)\n", w.Error())
	}
	return c, nil
}
