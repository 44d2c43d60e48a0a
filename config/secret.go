package config

import (
	"os"
	"strings"
)

// Secret is a password or token. It prints as dots; Reveal gives the text.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret, so that no log line shows it.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "••••"
}

// GoString hides the secret from %#v as well.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret from JSON and slog as well.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// secret is a pair of keys, NAME and NAME_file, of which one may stand.
type secret struct{ direct, file value }

// into adds the two keys to the fields of a section.
func (s *secret) into(r *reader, f fields, name string) {
	f[name] = r.into(&s.direct, name)
	f[name+"_file"] = r.into(&s.file, name+"_file")
}

// secret reads the one that stands. at is the section that needs it; without
// need a missing secret is "".
func (r *reader) secret(s secret, at pos, what, name string, need bool) Secret {
	switch {
	case s.direct.given() && s.file.given():
		later := s.file.at
		if s.direct.at.line > later.line || s.direct.at.line == later.line && s.direct.at.col > later.col {
			later = s.direct.at
		}
		r.wrong(later, "%s has both %s and %s_file; keep one", what, name, name)
		return ""
	case s.direct.given():
		return Secret(s.direct.text)
	case s.file.given():
		return r.secretFile(s.file, name)
	case need:
		r.wrong(at, "%s has no %s; add %s: ${NAME} or %s_file: PATH", what, name, name, name)
	}
	return ""
}

func (r *reader) secretFile(v value, name string) Secret {
	if v.text == "" || r.opts.Play {
		return "" // reported already; or a play, which needs no secrets
	}
	b, err := os.ReadFile(r.path(v.text))
	text := strings.TrimSpace(string(b))
	switch {
	case err != nil:
		r.wrong(v.at, "%s_file: %s", name, fileProblem(err))
	case text == "":
		r.wrong(v.at, "%s_file: %s is empty; put the secret into it", name, v.text)
	}
	return Secret(text)
}
