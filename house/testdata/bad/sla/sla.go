// This package reads files, which arithmetic must not.
package sla

import (
	"os"
	"sync/atomic"
)

var n atomic.Int64

func host() string {
	n.Add(1)
	name, _ := os.Hostname()
	return name
}
