package house

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A pattern that the text of the project must not match. The brackets around
// dots and slashes keep a pattern from matching itself.
type pattern struct {
	what string
	re   *regexp.Regexp
}

var forbidden = []pattern{
	{"names a registry; which one is used is the business of the machine that builds",
		regexp.MustCompile(`(?i)proxy[.]golang[.]org|sum[.]golang[.]org|goproxy[.](io|cn)|registry[.](npmjs|yarnpkg)|npmmirror[.]com|pypi[.]org|files[.]pythonhosted|crates[.]io|ghcr[.]io|quay[.]io|docker[.]io|gcr[.]io|mirrors?[.][a-z]+[.](com|cn|edu)|deb[.]debian[.]org`)},
	{"names a folder of somebody's machine",
		regexp.MustCompile(`(^|[\s"'` + "`" + `(=:,])/(work|root|home/[a-z][a-z0-9_-]*|Users/[A-Za-z]+|tmp/bash[a-z_.]*)/|C:[\\]Users[\\]`)},
}

var todo = regexp.MustCompile(`\b(TODO|FIXME|XXX[:(])`)
var playName = regexp.MustCompile(`[\w-]+[.]play\b`)

// spoken lists what the text of the project says about something else than the
// project, and wishes without a play that shows them. Data of tests is people's
// words and is not read.
func spoken(tr tree) []string {
	var found []string
	for _, f := range tr.files {
		if f.path == "house/text_test.go" || strings.HasPrefix(f.path, "bot/triage/data/") {
			continue
		}
		for i, line := range strings.Split(f.text, "\n") {
			for _, p := range forbidden {
				if m := p.re.FindString(line); m != "" {
					found = append(found, fmt.Sprintf("%s:%d: %q %s", f.path, i+1, strings.TrimSpace(m), p.what))
				}
			}
			if todo.MatchString(line) && !tr.shown(line) {
				found = append(found, fmt.Sprintf("%s:%d: a wish without a play that shows it: name the file, x.play", f.path, i+1))
			}
		}
	}
	return found
}

// plays is where the plays stand.
const plays = "bot/bottest/testdata/plays"

// shown says whether a line names a play that exists.
func (tr tree) shown(line string) bool {
	name := playName.FindString(line)
	if name == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(tr.dir, plays, name))
	return err == nil
}

func TestTheTextSpeaksOfTheProjectAlone(t *testing.T) { keeps(t, spoken(house(t))) }

func TestStrayTextIsFound(t *testing.T) {
	catches(t, spoken(bad(t)),
		`docs/dependencies.md:3: "proxy.golang.org" names a registry; which one is used is the business of the machine that builds`,
		`docs/dependencies.md:4: "/home/dev/" names a folder of somebody's machine`,
		`util/util.go:19: a wish without a play that shows it: name the file, x.play`,
		`util/util.go:32: a wish without a play that shows it: name the file, x.play`,
	)
}
