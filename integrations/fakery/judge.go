package fakery

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Judge is a platform's official client for Node on its way through a story: it
// writes what it saw in lines of JSON, each with the name of it under "saw".
type Judge struct {
	t    testing.TB
	name string
	saw  chan map[string]any
	left []map[string]any
}

// judgePatience is how long Next waits. Node takes a second or two to start.
const judgePatience = 10 * time.Second

// NewJudge runs a script in a folder below testdata of the calling test, which is
// given by its path in this house, and ends it with the test. Where the client is
// not installed there the test is skipped, and says how to install it.
func NewJudge(t testing.TB, folder, client, script string, args ...string) *Judge {
	t.Helper()
	name := path.Base(folder)
	dir := filepath.Join("testdata", name)
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, "node_modules", filepath.FromSlash(client)))
	}
	if err != nil {
		t.Skip("the official client is not installed: with node and npm, run `npm ci` in " + folder)
	}
	cmd := exec.Command(node, append([]string{script}, args...)...)
	cmd.Dir = dir
	var complaints strings.Builder
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	j := &Judge{t: t, name: name, saw: make(chan map[string]any, 100)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var line map[string]any
			if json.Unmarshal(lines.Bytes(), &line) == nil {
				j.saw <- line
			} else {
				t.Logf("%s: %s", name, lines.Text())
			}
		}
		io.Copy(io.Discard, out)
	}()
	t.Cleanup(func() {
		in.Close() // the script ends by it
		stop := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		defer stop.Stop()
		<-read
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s's complaints:\n%s", name, &complaints)
		}
	})
	return j
}

// Next waits until the client says it saw something, and returns the line. Lines
// about other things are kept for later.
func (j *Judge) Next(what string) map[string]any {
	j.t.Helper()
	for i, line := range j.left {
		if line["saw"] == what {
			j.left = slices.Delete(j.left, i, i+1)
			return line
		}
	}
	timeout := time.After(judgePatience)
	for {
		select {
		case line := <-j.saw:
			switch line["saw"] {
			case what:
				return line
			case "error":
				j.t.Fatalf("%s failed: %v", j.name, line)
			}
			j.left = append(j.left, line)
		case <-timeout:
			j.t.Fatalf("%s did not see %q; it saw %v", j.name, what, j.left)
		}
	}
}

// Expect is Next, and checks what the line says besides.
func (j *Judge) Expect(what string, want map[string]any) map[string]any {
	j.t.Helper()
	got := j.Next(what)
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if got[k] != want[k] {
			j.t.Errorf("%s saw %s with %s = %v, want %v", j.name, what, k, got[k], want[k])
		}
	}
	return got
}
