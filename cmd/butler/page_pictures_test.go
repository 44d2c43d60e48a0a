package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestPicturesOfThePage: the pictures of the README are there. With -update they are
// taken anew; look at each.
func TestPicturesOfThePage(t *testing.T) {
	for _, p := range []struct{ file, lang, customer, person, words, expert string }{
		{"sandbox.png", "zh-CN", "acme", "lihua", "数据库主机出现勒索提示，所有文件都打不开了", "zhang"},
		{"sandbox.en.png", "en", "globex", "kate", "There is a ransom note on the database host and none of our files open any more", "zhang"},
	} {
		file := filepath.Join("..", "..", "docs", "pictures", p.file)
		if *update {
			d := startDemo(t, p.lang)
			b := openBrowser(t, desktop, "http://"+d.addr+"/")
			b.click("customer-" + p.customer)
			b.pause()
			b.say("front", p.person, p.words)
			b.see("log-front > message[data-kind=opened]")
			b.speak("direct", "chen")
			for opened := b.now(); b.now().Before(opened.Add(12 * time.Minute)); {
				b.next()
			}
			b.see("log-direct > message[data-kind=ping]")
			if err := os.WriteFile(file, b.photograph(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%v: go test ./cmd/butler -run PicturesOfThePage -update", err)
		}
	}
}
