package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"butler/bot"
	"butler/bot/bottest"
	"butler/bot/chat"
	"butler/cmd/wire"
	"butler/config"
	"butler/integrations/sqlite"
)

// What customers and experts corrected comes out of the store as lines that
// triage reads, with what it had thought.
func TestCorrections(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	yaml := strings.Replace(newHouse(t, "file:butler.db").yaml(), "file:butler.db", "file:"+filepath.Join(dir, "butler.db"), 1)
	write(t, dir, "butler.yaml", yaml)
	c, err := config.Load(filepath.Join(dir, "butler.yaml"), config.Options{Env: func(string) (string, bool) { return "secret-secret-secret", true }})
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(filepath.Join(dir, "butler.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dirOf := wire.Directory(c)
	h, _ := dirOf.Home(dirOf.Customers()[0])
	b := bot.New(bot.Options{Store: store, Directory: dirOf, Platforms: []bot.Platform{bottest.NewFake("sandbox", time.Now)}, Parallel: 1})
	ctx := context.Background()
	for i, text := range []string{"数据库主机出现勒索提示，文件被加密", "/triage 1 none", "网关存在未授权访问漏洞", "/triage 2 consultation"} {
		m := chat.Message{Room: h.Front, ID: string(rune('a' + i)), Sender: chat.Person{ID: "somebody"}, Text: text, SentAt: time.Now(), Command: strings.HasPrefix(text, "/")}
		if i == 3 { // a weaker promise is staff's to give
			m.Room, m.Sender.ID = h.Back, "zhang"
		}
		if err := b.Hear(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	r := call(t, dir, "triage", "-corrections", "-c", "butler.yaml")
	r.wants(t, 0)
	var got []correction
	for line := range strings.Lines(r.stdout) {
		var one correction
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		got = append(got, one)
	}
	if len(got) != 2 || got[0].Label != "chatter" || got[0].Was.Label != "incident" || !strings.Contains(got[0].Text, "勒索") ||
		got[1].Label != "consultation" || got[1].Was.Label != "vulnerability" || strings.Contains(r.stdout, "somebody") {
		t.Errorf("%s\n%s", r.stdout, r.stderr)
	}
	call(t, dir, "triage", "-corrections").wants(t, 2)
}
