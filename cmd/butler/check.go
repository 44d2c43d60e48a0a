package main

import (
	"context"
	"flag"
	"fmt"

	"butler/config"
)

// check prints every mistake of a config, one per line, and starts nothing.
func check(_ context.Context, a invocation) error {
	var path string
	rest, err := a.flags("check", func(fs *flag.FlagSet) { fs.StringVar(&path, "c", "", "the config") })
	if err != nil {
		return err
	}
	if path == "" || len(rest) > 0 {
		return errUsage{"it needs one config: -c butler.yaml"}
	}
	c, err := load(a, path)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: well (customers: %d, people: %d)\n", path, len(c.Customers), len(c.People))
	return nil
}

// load reads a config and prints its warnings. The error is all its mistakes.
func load(a invocation, path string) (*config.Config, error) {
	c, err := config.Load(path, config.Options{Env: a.env})
	if err != nil {
		return nil, err
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(a.stderr, "%s (warning)\n", w.Error())
	}
	return c, nil
}
