// Command butler is the chat-ops bot of a managed security service: it turns
// messages of a customer's group into cases, keeps the promises of the contract,
// and looks after a solved case for fifteen days.
//
//	butler demo      a page to play customer, expert and manager, and to move time
//	butler run       the bot
//	butler check     every mistake of a config at once
//	butler play      stories against a virtual clock
//	butler triage    one verdict per message, to evaluate it on your own history
//	butler promises  the promise sheet of each edition
//	butler slack-manifest     the app manifest to paste at Slack
//	butler dingtalk-template  the card template to import at DingTalk
//
// Exit codes: 0 well, 1 not well (and it says what), 2 wrong usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // zones of the customers, also on machines without zone files
)

// subcommand is one row of the table of subcommands.
type subcommand struct {
	name  string
	usage string
	does  string
	run   func(ctx context.Context, a invocation) error
}

// invocation is what a subcommand is called with.
type invocation struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) (string, bool)
}

// subcommands is the one table of what butler can do.
var subcommands []subcommand

func init() {
	subcommands = []subcommand{
		{"demo", "demo [-addr 127.0.0.1:8080] [-lang zh-CN|en]", "a page to play customer, expert and manager, and to move time; no account, no server", demo},
		{"run", "run -c butler.yaml", "the bot", run},
		{"check", "check -c butler.yaml", "every mistake of a config at once, as file:line:column; exit 1 if there is one", check},
		{"play", "play [-c butler.yaml] [-json] [-update] FILE...", "stories against a virtual clock; exit 1 on a difference", play},
		{"triage", "triage [-json] < messages.jsonl | -corrections -c butler.yaml", "one verdict per line, to evaluate it on your own history; or what people corrected", triageLines},
		{"promises", "promises [-lang zh-CN|en]", "the promise sheet of each edition, with the clauses of the whitepaper", promises},
		{"slack-manifest", "slack-manifest", "the app manifest to paste at https://api.slack.com/apps, as YAML", slackManifest},
		{"dingtalk-template", "dingtalk-template", "the card template to import at DingTalk's card builder, as JSON", dingtalkTemplate},
	}
}

// later are subcommands of the contract that this version does not have yet.
var later = []string{"doctor", "export", "verify", "replay"}

// errUsage is a wrong call: exit 2.
type errUsage struct{ why string }

func (e errUsage) Error() string { return e.why }

// errSilent ends with exit 1 when everything was said already.
var errSilent = errors.New("")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := butler(ctx, invocation{os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv})
	stop()
	os.Exit(code)
}

// butler runs one invocation and returns its exit code.
func butler(ctx context.Context, a invocation) int {
	if len(a.args) == 0 {
		usage(a.stderr)
		return 2
	}
	name := a.args[0]
	if name == "help" || name == "-h" || name == "--help" {
		usage(a.stdout)
		return 0
	}
	i := slices.IndexFunc(subcommands, func(s subcommand) bool { return s.name == name })
	if i < 0 {
		if slices.Contains(later, name) {
			fmt.Fprintf(a.stderr, "butler: %q is not in this version yet\n", name)
		} else {
			fmt.Fprintf(a.stderr, "butler: there is no subcommand %q\n", name)
		}
		usage(a.stderr)
		return 2
	}
	a.args = a.args[1:]
	var wrong errUsage
	switch err := subcommands[i].run(ctx, a); {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(a.stderr, "butler %s: %s\nusage: butler %s\n", name, wrong.why, subcommands[i].usage)
		return 2
	case err == errSilent:
		return 1
	default:
		fmt.Fprintf(a.stderr, "%s\n", strings.TrimRight(err.Error(), "\n"))
		return 1
	}
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: butler SUBCOMMAND")
	for _, s := range subcommands {
		fmt.Fprintf(w, "  %-52s %s\n", s.usage, s.does)
	}
}

// flags parses a subcommand's flags; the error says what was wrong.
func (a invocation) flags(name string, define func(*flag.FlagSet)) ([]string, error) {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	define(fs)
	if err := fs.Parse(a.args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(a.stdout)
			fs.Usage()
			return nil, err
		}
		return nil, errUsage{err.Error()}
	}
	return fs.Args(), nil
}

// language checks a -lang.
func language(lang string) error {
	if lang != "zh-CN" && lang != "en" {
		return errUsage{fmt.Sprintf("-lang %q is no language of butler; use zh-CN or en", lang)}
	}
	return nil
}
