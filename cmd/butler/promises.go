package main

import (
	"context"
	"flag"
	"fmt"

	"butler/config"
)

// promises prints the promise sheet of each edition.
func promises(_ context.Context, a invocation) error {
	lang := "zh-CN"
	rest, err := a.flags("promises", func(fs *flag.FlagSet) { fs.StringVar(&lang, "lang", lang, "zh-CN or en") })
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return errUsage{fmt.Sprintf("it takes no %q", rest[0])}
	}
	if err := language(lang); err != nil {
		return err
	}
	editions := config.Editions()
	for i, id := range config.EditionIDs {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprint(a.stdout, config.PromiseSheet(lang, editions[id]))
	}
	return nil
}
