package bot

import (
	"slices"

	"butler/bot/desk"
	"butler/bot/triage"
)

// masked hides secrets in what probes, scanners and products send: their words are
// stored and shown like those of people, which are masked where they are heard.
func masked(in desk.Input) desk.Input {
	switch a := in.Act.(type) {
	case desk.Found:
		a = maskedFinding(a)
		a.Asset, _ = triage.Mask(a.Asset) // our own probes know an asset by its name
		in.Act = a
	case desk.Looked:
		a.Findings = slices.Clone(a.Findings)
		for i, f := range a.Findings {
			a.Findings[i] = maskedFinding(f)
		}
		in.Act = a
	}
	return in
}

func maskedFinding(f desk.Found) desk.Found {
	for _, s := range []*string{&f.Title, &f.TitleEn, &f.Detail, &f.DetailEn} {
		*s, _ = triage.Mask(*s)
	}
	return f
}
