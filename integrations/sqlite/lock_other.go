//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sqlite

import (
	"errors"
	"os"
)

// lockFile refuses: without a lock that ends with the process, two processes
// could take one file for theirs.
func lockFile(string) (*os.File, error) {
	return nil, errors.New("the embedded store cannot lock files on this system; use redis://")
}

func unlockFile(f *os.File) error { return f.Close() }
