package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"butler/config"
	"butler/integrations/findings"
)

var update = flag.Bool("update", false, "write the goldens anew; read the difference before committing it")

var findingsBlock = regexp.MustCompile("(?s)```yaml\n(findings:.*?)```")

// samples are what products send; each belongs to the source whose name it begins
// with.
const samples = "../../integrations/findings/testdata"

// Every map on the page loads as it stands there, in both languages, and takes
// the samples of its product as the goldens say. Every sample has a map.
func TestTheMapsOfThePageWork(t *testing.T) {
	for _, page := range []string{"findings.md", "findings.zh-CN.md"} {
		t.Run(page, func(t *testing.T) {
			tried := map[string]bool{}
			text, err := os.ReadFile(filepath.Join("../../docs", page))
			if err != nil {
				t.Fatal(err)
			}
			blocks := findingsBlock.FindAllStringSubmatch(string(text), -1)
			if len(blocks) < 5 {
				t.Fatalf("%d blocks of config", len(blocks))
			}
			for _, b := range blocks {
				c := loadBlock(t, b[1])
				door := findings.New(findings.Options{Sources: sourcesOf(c)})
				for _, s := range c.Findings {
					for _, sample := range samplesOf(t, s.Name) {
						tried[sample] = true
						compare(t, strings.TrimSuffix(sample, filepath.Ext(sample))+".want", try(t, door, s.Token.Reveal(), sample))
					}
				}
			}
			all, _ := filepath.Glob(filepath.Join(samples, "*.[jf]*"))
			for _, sample := range all {
				if !tried[sample] {
					t.Errorf("no map of the page is for %s", sample)
				}
			}
		})
	}
}

// loadBlock reads a section of the page as part of a whole config.
func loadBlock(t *testing.T, section string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`token_file: (secrets/[\w-]+)`).FindAllStringSubmatch(section, -1) {
		write(t, dir, m[1], "token of "+m[1])
	}
	env := func(name string) (string, bool) { return "a long token called " + name, true }
	src := house{store: "file:butler.db", listen: "127.0.0.1:1", page: "127.0.0.1:2", extra: section}.yaml()
	c, err := config.Parse("butler.yaml", dir, []byte(src), config.Options{Env: env})
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return c
}

func samplesOf(t *testing.T, source string) (list []string) {
	t.Helper()
	for _, pattern := range []string{source + ".[jf]*", source + "-*.[jf]*"} {
		found, err := filepath.Glob(filepath.Join(samples, pattern))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, found...)
	}
	return list
}

// try asks the door what it would take.
func try(t *testing.T, door http.Handler, token, sample string) []byte {
	t.Helper()
	body, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/findings?dry_run=1", bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	if filepath.Ext(sample) == ".form" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("%s: %d %s", sample, w.Code, w.Body)
	}
	var out bytes.Buffer
	json.Indent(&out, w.Body.Bytes(), "", "  ")
	return out.Bytes()
}

func compare(t *testing.T, golden string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", golden, got, want)
	}
}
