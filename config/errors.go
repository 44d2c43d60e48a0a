package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one mistake at one place of a file.
type Error struct {
	File    string // as the operator named it
	Line    int    // from 1; 0 when the whole file is meant
	Column  int    // from 1, in characters
	Message string // what is wrong; what would be right
}

// Error writes "butler.yaml:12:3: message".
func (e Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Errors are all mistakes of one load, sorted by file, line and column; the main
// file comes first.
type Errors []Error

// Error writes one mistake per line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// sortErrors puts the mistakes of the main file first, each file by line.
func sortErrors(main string, errs []Error) {
	slices.SortStableFunc(errs, func(a, b Error) int {
		if (a.File == main) != (b.File == main) {
			if a.File == main {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
