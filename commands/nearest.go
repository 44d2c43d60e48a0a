package commands

import (
	"strings"
	"unicode/utf8"
)

// Nearest returns the command word that a mistyped one was probably meant to
// be, in the script it was typed in; "" when nothing is near.
func Nearest(word string) string {
	word = foldWord(word)
	n := utf8.RuneCountInString(word)
	if n < 2 || n > 64 {
		return ""
	}
	if han(first(word)) {
		return nearestHan(word)
	}
	best, least := "", 1+allowed(n)
	for _, c := range All {
		for _, w := range c.words() {
			if !latin(first(w)) {
				continue
			}
			d := distance([]rune(word), []rune(w))
			if n >= 3 && (strings.HasPrefix(w, word) || strings.HasPrefix(word, w) && len(w) >= 4) {
				d = min(d, 1) // sev, claims, claiming
			}
			if d < least && d < utf8.RuneCountInString(w)-1 {
				best, least = w, d
			}
		}
	}
	return best
}

// allowed is how many slips of the finger are forgiven in a word of n letters.
func allowed(n int) int {
	if n <= 4 {
		return 1
	}
	return 2
}

// nearestHan finds the Chinese word that is part of what was typed (认领一下), or
// differs in one character (接受 for 接手); the same first character counts more.
func nearestHan(word string) string {
	best, score := "", 0
	for _, c := range All {
		for _, w := range c.Zh {
			s := 0
			switch {
			case strings.HasPrefix(word, w):
				s = 100 + len(w)
			case strings.HasSuffix(word, w) && utf8.RuneCountInString(word) <= longestHan:
				s = 50 + len(w)
			case distance([]rune(word), []rune(w)) == 1:
				s = 1
				if first(word) == first(w) {
					s = 10
				}
			}
			if s > score {
				best, score = w, s
			}
		}
	}
	return best
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours between two words (optimal string alignment).
func distance(a, b []rune) int {
	prev, row := []int(nil), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], prev[j-2]+1)
			}
		}
		prev, row = row, next
	}
	return row[len(b)]
}
