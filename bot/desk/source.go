package desk

import (
	"maps"
	"slices"
	"time"
)

// A source of findings that says nothing is not a source that says "all is well":
// after its time it is a finding itself, until it is heard again.

// heard notes that a source lives.
func (b *book) heard(a Heard) {
	if _, ok := b.terms().Source(a.Source); !ok || !b.at.After(b.d.Heard[a.Source]) {
		return
	}
	b.d.Heard = maps.Clone(b.d.Heard)
	if b.d.Heard == nil {
		b.d.Heard = map[string]time.Time{}
	}
	b.d.Heard[a.Source] = b.at
	if i := b.findingOf(Watch, silenceID(a.Source)); i >= 0 && b.d.Findings[i].open() {
		b.keep(Found{Source: Watch, ID: silenceID(a.Source), Fixed: true}, false)
	}
}

func silenceID(source string) string { return "silent/" + source }

// silences lists when each source that was heard will have been silent too long.
func (d *Desk) silences() []Deadline {
	if d.Terms == nil || len(d.Heard) == 0 {
		return nil
	}
	var out []Deadline
	for i, s := range d.Terms.Sources {
		at, heard := d.Heard[s.Name]
		if !heard || s.Silence == 0 || d.knownSilent(s.Name) {
			continue
		}
		out = append(out, Deadline{At: at.Add(s.Silence), What: DueSilence, Rung: i})
	}
	return out
}

func (d *Desk) knownSilent(source string) bool {
	return slices.ContainsFunc(d.Findings, func(f Finding) bool {
		return f.Source == Watch && f.ID == silenceID(source) && f.open()
	})
}

// silent makes a finding of a source that is silent. It waits for the morning: it
// says that nobody looks, not that something is wrong.
func (b *book) silent(dl Deadline) {
	s := b.terms().Sources[dl.Rung]
	layer := LayerProduct
	if len(s.Layers) > 0 {
		layer = s.Layers[0]
	}
	since := b.d.Heard[s.Name]
	at := b.at
	b.at = dl.At
	b.keep(Found{Source: Watch, ID: silenceID(s.Name), Layer: layer, Asset: s.Name, Severity: Medium,
		Title:    "数据来源没有消息：" + s.Name,
		TitleEn:  "No word from the source " + s.Name,
		Detail:   "最后一次收到是 " + since.In(b.zone()).Format("2006-01-02 15:04 (UTC-07:00)"),
		DetailEn: "Last heard on " + since.In(b.zone()).Format("2006-01-02 15:04 (UTC-07:00)"),
	}, false)
	b.at = at
	if !b.d.knownSilent(s.Name) { // there was no room for it: asked again when it is heard
		b.d.Heard = maps.Clone(b.d.Heard)
		delete(b.d.Heard, s.Name)
	}
}
