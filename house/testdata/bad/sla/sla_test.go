package sla

import (
	"testing"
	"time"
)

func TestHost(t *testing.T) {
	time.Sleep(time.Millisecond)
	_ = host()
}
