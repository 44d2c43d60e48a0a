package card

import (
	"strings"
	"testing"
)

func TestAToneIsToldWithoutColour(t *testing.T) {
	said := map[string]Tone{}
	for _, tone := range []Tone{Success, Warning, Danger} {
		mark := tone.Mark()
		if strings.TrimSpace(mark) == "" || !strings.HasSuffix(mark, " ") {
			t.Errorf("%s is told by %q, which does not stand before a title", tone, mark)
		}
		if other, ok := said[mark]; ok {
			t.Errorf("%s and %s are told by the same %q", tone, other, mark)
		}
		said[mark] = tone
	}
	if Plain.Mark()+Info.Mark() != "" {
		t.Errorf("what is quiet has the marks %q and %q", Plain.Mark(), Info.Mark())
	}
}
