package triage

import "testing"

func TestAgain(t *testing.T) {
	for text, want := range map[string]bool{
		"还是打不开！": true, "又来了，和昨天一样": true, "the ransom note is back on the same host": true, "it is still not fixed": true, "网站又被挂马了": true,
		"网站打不开了": false, "谢谢，已经好了": false, "our web server was defaced": false, "please call me back": false,
	} {
		if got := Again(text); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
