package triage

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

//go:embed data/*.txt
var dataFiles embed.FS

// gap is how far apart two parts of a pattern joined by … may stand, in bytes
// of the folded text: twelve Chinese characters, about six English words.
const gap = 36

// lex is the lexicon, read once from data/*.txt. A mistake in a file is a
// broken build: it panics at start and a test names the line.
var lex = mustLexicon()

// lexicon is the compiled form of the data files.
type lexicon struct {
	signals  []signal
	patterns []pattern
	words    map[[3]byte][]word // by their first three bytes, zero-padded
	short    [256]bool          // first bytes of words shorter than three bytes
}

// signal is one named section of the data files: what its words speak for.
type signal struct {
	name   string
	weight [keys]float64
	mark   bool // adds nothing by itself: negator, and the sections of worry.txt
	// neutral sections (ours, now, hurry) are not evidence that can be denied.
	neutral bool
	// gossip sections (news, hearsay, small talk) speak against an incident.
	gossip bool
	// topic sections name systems; vague ones need a topic to count in full.
	topic, vague bool
}

// pattern is one line: parts that follow each other within gap.
type pattern struct {
	signal int
	parts  int
	first  int // index of its first part in the run-time state
}

// word is one literal of one part of a pattern.
type word struct {
	text        string
	pattern     int
	part        int
	left, right bool // needs a word boundary on that side
}

// The things a section can speak for.
const (
	kIncident = iota
	kVulnerability
	kConsultation
	kPolicy
	kOutOfScope
	kChatter
	kMalware
	kNetworkAttack
	kDataDestruction
	kContentSecurity
	kHigh
	kMedium
	kLow
	kUrgent
	keys
)

// keyNames are the names of the keys in the data files, in the order above.
var keyNames = [keys]string{
	"incident", "vulnerability", "consultation", "policy", "out_of_scope", "chatter",
	"malware", "network_attack", "data_destruction", "content_security",
	"high", "medium", "low", "urgent",
}

func mustLexicon() *lexicon {
	l := &lexicon{words: map[[3]byte][]word{}}
	entries, err := dataFiles.ReadDir("data")
	if err != nil {
		panic(err)
	}
	parts := 0
	for _, e := range entries {
		text, err := dataFiles.ReadFile("data/" + e.Name())
		if err != nil {
			panic(err)
		}
		if parts, err = l.read(e.Name(), string(text), parts); err != nil {
			panic(err)
		}
	}
	for k := range l.words {
		slices.SortStableFunc(l.words[k], func(a, b word) int { return cmp.Compare(a.text, b.text) })
	}
	return l
}

// read adds one file. parts counts the parts of all patterns so far.
func (l *lexicon) read(name, text string, parts int) (int, error) {
	current := -1
	for i, line := range strings.Split(text, "\n") {
		where := fmt.Sprintf("triage: data/%s:%d", name, i+1)
		if j := strings.IndexByte(line, '#'); j >= 0 {
			line = line[:j]
		}
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if line[0] == '[' {
			s, err := readHeader(line)
			if err != nil {
				return parts, fmt.Errorf("%s: %w", where, err)
			}
			l.signals = append(l.signals, s)
			current = len(l.signals) - 1
			continue
		}
		if current < 0 {
			return parts, fmt.Errorf("%s: a pattern before the first [section]", where)
		}
		n, err := l.add(line, current, parts)
		if err != nil {
			return parts, fmt.Errorf("%s: %w", where, err)
		}
		parts += n
	}
	return parts, nil
}

// readHeader reads "[name] key weight, key weight".
func readHeader(line string) (signal, error) {
	name, rest, ok := strings.Cut(line[1:], "]")
	if !ok || name == "" {
		return signal{}, fmt.Errorf("section %q: want [name] key weight, …", line)
	}
	s := signal{name: name, mark: true}
	for _, f := range strings.Split(rest, ",") {
		f = strings.TrimSpace(f)
		if f == "" {
			continue
		}
		key, num, _ := strings.Cut(f, " ")
		k := slices.Index(keyNames[:], key)
		w, err := strconv.ParseFloat(strings.TrimSpace(num), 64)
		if k < 0 || err != nil {
			return signal{}, fmt.Errorf("section [%s]: %q is not a key and a weight (keys: %s)", name, f, strings.Join(keyNames[:], " "))
		}
		s.weight[k] = w
		s.mark = strings.HasPrefix(name, "thing.")
	}
	s.neutral = s.weight[kIncident] < 1
	s.topic = strings.HasSuffix(name, ".topic")
	s.vague = name == "error" || name == "advice" || name == "plan" || name == "weak.advice"
	s.gossip = s.weight[kIncident] < 0 && s.weight[kChatter] > 0
	return s, nil
}

// add compiles one line into literals and returns its number of parts.
func (l *lexicon) add(line string, signal, first int) (int, error) {
	parts := strings.Split(line, "…")
	p := len(l.patterns)
	for i, part := range parts {
		texts, err := expand(strings.TrimSpace(part))
		if err != nil {
			return 0, err
		}
		for _, t := range texts {
			w := word{pattern: p, part: i, left: true, right: true}
			if strings.HasPrefix(t, "*") {
				w.left, t = false, t[1:]
			}
			if strings.HasSuffix(t, "*") {
				w.right, t = false, t[:len(t)-1]
			}
			w.text = fold(t)
			if w.text == "" {
				return 0, fmt.Errorf("pattern %q has an empty part", line)
			}
			w.left = w.left && alnum(w.text[0])
			w.right = w.right && alnum(w.text[len(w.text)-1])
			if len(w.text) < 3 {
				l.short[w.text[0]] = true
			}
			k := bucket(w.text)
			l.words[k] = append(l.words[k], w)
		}
	}
	l.patterns = append(l.patterns, pattern{signal: signal, parts: len(parts), first: first})
	return len(parts), nil
}

// expand writes out the alternatives: 被(黑|入侵)了 → 被黑了, 被入侵了.
func expand(s string) ([]string, error) {
	open := strings.IndexByte(s, '(')
	if open < 0 {
		if strings.ContainsAny(s, ")|") {
			return nil, fmt.Errorf("pattern %q: ) or | without (", s)
		}
		return []string{s}, nil
	}
	end := strings.IndexByte(s[open:], ')')
	if end < 0 {
		return nil, fmt.Errorf("pattern %q: ( without )", s)
	}
	end += open
	tails, err := expand(s[end+1:])
	if err != nil {
		return nil, err
	}
	var out []string
	for _, alt := range strings.Split(s[open+1:end], "|") {
		for _, t := range tails {
			out = append(out, s[:open]+alt+t)
		}
	}
	return out, nil
}

// bucket is the key under which a word is found.
func bucket(s string) (k [3]byte) {
	copy(k[:], s)
	return k
}

func alnum(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// joined reports whether c continues a word: stuck_out_tongue is not stuck.
func joined(c byte) bool { return alnum(c) || c == '_' }

// hit is a pattern found in a text.
type hit struct {
	pattern    int
	start, end int    // bytes of the folded text
	said       string // the words, parts joined by …
}

// spot is one literal found in a text.
type spot struct {
	word       *word
	start, end int
}

// find returns every pattern found in a folded text, once each.
func (l *lexicon) find(text string) []hit {
	spots := l.spots(text)
	if len(spots) == 0 {
		return nil
	}
	// mark[part of a pattern] is the spot that last completed it.
	type mark struct {
		start, end int
		said       string
	}
	marks := make(map[int]mark, len(spots))
	done := make(map[int]bool, len(spots))
	var out []hit
	for _, s := range spots {
		p := l.patterns[s.word.pattern]
		at := p.first + s.word.part
		m := mark{start: s.start, end: s.end, said: text[s.start:s.end]}
		if s.word.part > 0 {
			before, ok := marks[at-1]
			if !ok || s.start < before.end || s.start-before.end > gap || ends(text[before.end:s.start]) {
				continue
			}
			m.start = before.start
			m.said = before.said + "…" + m.said
		}
		if s.word.part == p.parts-1 {
			// A mark may stand in several places; evidence counts once.
			if !done[s.word.pattern] || l.signals[p.signal].mark {
				done[s.word.pattern] = true
				out = append(out, hit{pattern: s.word.pattern, start: m.start, end: m.end, said: m.said})
			}
			continue
		}
		marks[at] = m
	}
	return out
}

// spots returns every literal found, by start.
func (l *lexicon) spots(text string) []spot {
	var out []spot
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= 0x80 && c < 0xc0 { // inside a rune
			continue
		}
		out = l.at(out, text, i, bucket(text[i:]))
		if l.short[c] {
			out = l.at(out, text, i, [3]byte{c})
			if i+1 < len(text) {
				out = l.at(out, text, i, [3]byte{c, text[i+1]})
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].start < out[j].start })
	return out
}

func (l *lexicon) at(out []spot, text string, i int, k [3]byte) []spot {
	words := l.words[k]
	for j := range words {
		w := &words[j]
		if !strings.HasPrefix(text[i:], w.text) {
			continue
		}
		end := i + len(w.text)
		if w.left && i > 0 && joined(text[i-1]) || w.right && end < len(text) && joined(text[end]) {
			continue
		}
		out = append(out, spot{w, i, end})
	}
	return out
}

// ends reports whether a sentence ends within s.
func ends(s string) bool {
	return strings.ContainsAny(s, "\n。！？!?；;") || strings.Contains(s, ". ")
}
