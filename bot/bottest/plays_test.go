package bottest_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"butler/bot/bottest"
	"butler/cmd/wire"
	"butler/config"
)

var update = flag.Bool("update", false, "write the bot's lines into the plays; read the diff, commit only what you can explain")

// TestPlays runs every play of testdata/plays. A play opens with what it proves.
// A play NAME.play with a file NAME.yaml beside it runs on that config, the
// others on the sample of butler demo.
func TestPlays(t *testing.T) {
	files, err := filepath.Glob("testdata/plays/*.play")
	if err != nil || len(files) == 0 {
		t.Fatalf("no plays: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".play"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(b), "// ") {
				t.Fatal("a play opens with a comment that says what it proves")
			}
			p, err := bottest.ParsePlay(file, string(b))
			if err != nil {
				t.Fatal(err)
			}
			text, diff, err := p.Script(context.Background(), bottest.WorldOptions{Directory: wire.Directory(playConfig(t, file))})
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, d := range diff {
				t.Error(d)
			}
		})
	}
}

func playConfig(t *testing.T, file string) *config.Config {
	own := strings.TrimSuffix(file, ".play") + ".yaml"
	if _, err := os.Stat(own); err != nil {
		return config.Sample()
	}
	c, err := config.Load(own, config.Options{Play: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
