package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"

	"butler/bot/triage"
)

// maxLine bounds one line of input: 1 MiB.
const maxLine = 1 << 20

// triageLines reads one message per line, {"id","text"}, and writes one verdict
// per line: for people, or as the object of the contract with -json.
func triageLines(ctx context.Context, a invocation) error {
	var asJSON, corrections bool
	var path string
	rest, err := a.flags("triage", func(fs *flag.FlagSet) {
		fs.BoolVar(&asJSON, "json", false, "write one object a line")
		fs.BoolVar(&corrections, "corrections", false, "write what people corrected, from the store of -c")
		fs.StringVar(&path, "c", "", "the config, with -corrections")
	})
	if err != nil {
		return err
	}
	if corrections != (path != "") {
		return errUsage{"-corrections reads the store that a config names: -corrections -c butler.yaml"}
	}
	if corrections && len(rest) == 0 {
		return exportCorrections(ctx, a, path)
	}
	if len(rest) > 0 {
		return errUsage{fmt.Sprintf("it reads from standard input and takes no %q", rest[0])}
	}
	in := bufio.NewScanner(a.stdin)
	in.Buffer(make([]byte, 64<<10), maxLine)
	out := bufio.NewWriter(a.stdout)
	defer out.Flush()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	bad := false
	for n := 1; in.Scan() && ctx.Err() == nil; n++ {
		if len(in.Bytes()) == 0 {
			continue
		}
		var m struct {
			ID   string  `json:"id"`
			Text *string `json:"text"`
		}
		if err := json.Unmarshal(in.Bytes(), &m); err != nil || m.Text == nil {
			if err == nil {
				err = fmt.Errorf("text is missing")
			}
			fmt.Fprintf(a.stderr, "line %d: %v; write {\"id\":\"…\",\"text\":\"…\"}\n", n, err)
			bad = true
			continue
		}
		r := triage.Line(m.ID, *m.Text)
		if asJSON {
			if err := enc.Encode(r); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(out, "%s\t%s\t%.2f\t%s\n", r.ID, r.Label, r.Confidence, r.Why)
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("reading standard input: %w (a line has at most %d bytes)", err, maxLine)
	}
	if bad {
		return errSilent
	}
	return nil
}
