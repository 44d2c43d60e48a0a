package house

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	requirement = regexp.MustCompile(`(?m)^(?:require)?\s+(\S+) (v\S+)( // indirect)?$`)
	reasonRow   = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (\\S+) \\| (.*) \\|$")
)

// reasoned compares the requirements of go.mod with the reasons written for
// them: a direct one needs a reason, another may have one. A reason is a
// sentence; a stale one is a mistake too.
func reasoned(gomod, reasons string) []string {
	var found []string
	why := map[string][2]string{}
	for _, m := range reasonRow.FindAllStringSubmatch(reasons, -1) {
		why[m[1]] = [2]string{m[2], m[3]}
	}
	for _, m := range requirement.FindAllStringSubmatch(gomod, -1) {
		w, ok := why[m[1]]
		delete(why, m[1])
		switch {
		case !ok && m[3] != "":
		case !ok:
			found = append(found, fmt.Sprintf("go.mod requires %s and docs/dependencies.md gives no reason", m[1]))
		case w[0] != m[2]:
			found = append(found, fmt.Sprintf("go.mod requires %s %s, docs/dependencies.md speaks of %s", m[1], m[2], w[0]))
		case len(w[1]) < 40:
			found = append(found, fmt.Sprintf("docs/dependencies.md: the reason for %s is no reason: %q", m[1], w[1]))
		}
	}
	for m := range why {
		found = append(found, fmt.Sprintf("docs/dependencies.md gives a reason for %s, which go.mod does not require", m))
	}
	return found
}

func TestEveryDependencyHasItsReason(t *testing.T) {
	tr := house(t)
	keeps(t, reasoned(tr.read(t, "go.mod"), tr.read(t, "docs/dependencies.md")))
}

func TestADependencyWithoutAReasonIsFound(t *testing.T) {
	tr := bad(t)
	catches(t, reasoned(tr.read(t, "go.mod"), tr.read(t, "docs/dependencies.md")),
		"go.mod requires example.com/silent and docs/dependencies.md gives no reason",
		"go.mod requires example.com/queue v1.2.3, docs/dependencies.md speaks of v1.2.4",
		`docs/dependencies.md: the reason for example.com/wrong is no reason: "yes"`,
		"docs/dependencies.md gives a reason for example.com/gone, which go.mod does not require",
	)
}

// binary is the reviewed list of every module in the binary.
const binary = "cmd/butler/deps.txt"

// inBinary asks the go command which modules are in butler.
func inBinary(t *testing.T, dir string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if .Version}}{{.Path}} {{.Version}}{{end}}{{end}}", "./cmd/butler")
	cmd.Dir = dir
	// The list is that of the released binary, on whatever machine the test runs.
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	list := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}

// reviewed compares the modules in the binary with the reviewed list.
func reviewed(are, listed []string) []string {
	var found []string
	for _, m := range are {
		if !slices.Contains(listed, m) {
			found = append(found, fmt.Sprintf("%s is in the binary and not in %s; if that is meant: go test ./house -run Binary -update", m, binary))
		}
	}
	for _, m := range listed {
		if !slices.Contains(are, m) {
			found = append(found, fmt.Sprintf("%s is in %s and not in the binary; go test ./house -run Binary -update", m, binary))
		}
	}
	return found
}

func TestTheBinaryHoldsWhatWasReviewed(t *testing.T) {
	dir := root(t)
	are := inBinary(t, dir)
	if *update {
		if err := os.WriteFile(filepath.Join(dir, binary), []byte(strings.Join(are, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	keeps(t, reviewed(are, strings.Split(strings.TrimSpace(house(t).read(t, binary)), "\n")))
}

func TestANewModuleInTheBinaryIsFound(t *testing.T) {
	catches(t, reviewed([]string{"a v1.0.0", "b v1.0.1"}, []string{"a v1.0.0", "b v1.0.0"}),
		"b v1.0.1 is in the binary and not in cmd/butler/deps.txt; if that is meant: go test ./house -run Binary -update",
		"b v1.0.0 is in cmd/butler/deps.txt and not in the binary; go test ./house -run Binary -update",
	)
}
